"""The site: built as `make docs` does, and read."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from tests.docs.pages import DOCS

if TYPE_CHECKING:
    from pathlib import Path

# What a browser fetches by itself, by element.
_FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
# Of these, what is only told to search machines.
_TOLD = {"canonical"}


def build(folder: Path) -> str:
    """Build the site and return what Sphinx said: nothing, if all is well."""
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--builder", "html"]
    command += ["--doctree-dir", str(folder / "doctrees"), str(DOCS), str(folder / "site")]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # noqa: S603  # ours
    return done.stdout or f"exit code {done.returncode}" * bool(done.returncode)


@dataclass
class Html:
    """What a page of the site links to, fetches, and can be linked to."""

    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.html = Html()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if anchor := attributes.get("id"):
            self.html.anchors.add(anchor)
        if tag == "a" and (link := attributes.get("href")):
            self.html.links.append(link)
        if attributes.get("rel") not in _TOLD and (address := attributes.get(_FETCHED.get(tag, ""))):
            self.html.fetched.append(address)


def read(page: Path) -> Html:
    """Read a page of the site."""
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader.html
