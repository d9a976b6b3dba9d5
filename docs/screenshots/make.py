"""Take the pictures of the documentation from the sample company's pages.

Run it from the checkout: ``python docs/screenshots/make.py``. It needs /usr/bin/chromium.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from knowledge.settings import load_settings  # noqa: E402
from tests.browser.support import QUESTION, WHO, browser, serving  # noqa: E402

MOST_BYTES = 200_000
WIDE, NARROW = (1280, 900), (320, 720)
PICTURES = {
    "search": (QUESTION, WIDE, "light"),
    "search-dark": (QUESTION, WIDE, "dark"),
    "search-narrow": (QUESTION, NARROW, "light"),
    "search-narrow-dark": (QUESTION, NARROW, "dark"),
    "who": (WHO, WIDE, "light"),
    "document": (None, WIDE, "light"),
}


def main() -> None:
    """Write every picture beside this file."""
    settings = load_settings()
    with tempfile.TemporaryDirectory() as data:
        storage = settings.storage.model_copy(update={"data": Path(data), "database_url": None})
        with serving(replace(settings, storage=storage)) as site, browser() as chromium:
            for name, (address, (width, height), scheme) in PICTURES.items():
                page = chromium.new_page(
                    base_url=site,
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,
                )
                page.goto(address or QUESTION)
                if address is None:
                    page.locator(".answers h3 a").first.click()
                    page.wait_for_url("**/documents/*")
                path = Path(__file__).with_name(f"{name}.png")
                page.screenshot(path=path)
                page.close()
                size = path.stat().st_size
                if size > MOST_BYTES:
                    raise SystemExit(f"{path} has {size:,} bytes; at most {MOST_BYTES:,}")


if __name__ == "__main__":
    main()
