"""A browser that notices whatever a page runs, asks of other hosts, or could be made to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Error

# Elements and attributes that no page here writes, and links that run something.
_DANGER = """() => {
  const wrong = [];
  const own = new URL(location.href).origin;
  for (const one of document.querySelectorAll('*')) {
    const name = one.localName;
    // Our own scripts, and what loads a page again where there are none.
    if (name === 'script' && one.type === 'module' && !one.text &&
        one.getAttribute('src').startsWith('/static/')) continue;
    if (name === 'noscript' && one.textContent === '<meta http-equiv="refresh" content="4">')
      continue;
    const unwanted = ['script', 'iframe', 'frame', 'frameset', 'object', 'embed', 'applet', 'style',
      'svg', 'math', 'base', 'template', 'noscript', 'video', 'audio', 'source', 'picture',
      'marquee', 'dialog', 'textarea', 'xmp', 'plaintext', 'noembed', 'portal', 'image'];
    // What pages themselves are made of: charts of nothing but bars and lines, the bundles of this
    // site, and the fields of its forms. None of them stands in what anybody wrote.
    const drawn = ['svg', 'rect', 'g', 'polyline', 'line'].includes(name)
      && one.closest('svg.chart, svg.minimap, .measure svg');
    // Where a script of ours draws: it places what it draws, and no text of anybody is there.
    const placed = one.closest('.measure .plot') && !one.textContent;
    const bundled = name === 'script' && one.type === 'module' && !one.textContent
      && one.src.startsWith(own + '/static/');
    const typed = name === 'textarea' && one.name && one.form?.matches('.form');
    const ours = (drawn || bundled || typed) && !one.closest('.prose, .turns, .text');
    if (!ours && (unwanted.includes(name) || one.namespaceURI !== 'http://www.w3.org/1999/xhtml'))
      wrong.push(one.outerHTML.slice(0, 300));
    for (const attribute of one.attributes) {
      const key = attribute.name, value = attribute.value;
      let leads = null;
      if (['href', 'src', 'action', 'formaction', 'poster', 'background', 'ping', 'srcset', 'data']
          .includes(key)) {
        try { leads = new URL(value, location.href); } catch { leads = null; }
        const link = name === 'a' && key === 'href';
        const fine = link
          ? leads === null || ['http:', 'https:', 'mailto:'].includes(leads.protocol)
          : leads !== null && leads.origin === own;
        if (!fine) wrong.push(`${name} ${key}=${value.slice(0, 200)}`);
      }
      if (key === 'style' && placed) continue;
      if (/^on/i.test(key) || ['style', 'srcdoc', 'http-equiv', 'contenteditable'].includes(key))
        wrong.push(`${name} ${key}=${value.slice(0, 200)}`);
    }
  }
  return wrong;
}"""
_VIOLATIONS = """document.addEventListener('securitypolicyviolation', e =>
  violated(`${e.violatedDirective} ${e.blockedURI} ${e.sample} on ${location.pathname}`));"""


@dataclass
class Watched:
    """What was noticed. ``pages`` counts those that were opened."""

    ran: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    danger: list[str] = field(default_factory=list)
    pages: int = 0


class Watch:
    """One page of a browser. ``protected``: with the policies that the service sends, else without
    them, so that nothing but what the page is written with keeps anything from happening."""

    def __init__(self, browser: Any, site: str, protected: bool) -> None:
        self.seen = Watched()
        self._site = site
        self._context = browser.new_context(base_url=site, bypass_csp=not protected)
        self._context.expose_function("hit", lambda n: self.seen.ran.append(f"hit {n}"))
        self._context.expose_function("violated", self._violated)
        self._context.add_init_script(_VIOLATIONS)
        self._context.route(lambda url: not url.startswith(site), self._refuse)
        self.page = self._context.new_page()
        self.page.on("dialog", self._dialog)
        self._context.on("page", lambda page: self.seen.ran.append(f"opened {page.url}"))

    def _violated(self, told: str) -> None:
        self.seen.violations.append(told)

    def _refuse(self, route: Any) -> None:
        self.seen.elsewhere.append(route.request.url)
        route.abort()

    def _dialog(self, dialog: Any) -> None:
        self.seen.ran.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def open(self, path: str) -> None:
        """Open a page, wait until all of it is there, and look at it."""
        try:
            self.page.goto(path, wait_until="load")
        except Error as error:  # a file is handed over, or the address is none
            if "ERR_ABORTED" not in str(error) and "Download" not in str(error):
                raise
            return
        self.seen.pages += 1
        if path.startswith("/docs"):  # Swagger UI writes what no page of ours does
            return
        self.seen.danger += [f"{path[:80]}: {one}" for one in self.page.evaluate(_DANGER)]
        if self.page.url.partition("?")[0].partition("#")[0] != self._site + path.partition("?")[0]:
            self.seen.ran.append(f"went to {self.page.url} from {path}")

    def close(self) -> None:
        self._context.close()
