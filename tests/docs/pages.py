"""README.md and the pages of docs/: their pieces of code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]

_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fence: ``title`` is the name of the file that it is, or nothing; ``line`` where its code begins."""

    language: str
    title: str
    code: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    """Return a page's pieces of code, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(match[1], match[2] or "", match[3], text.count("\n", 0, match.start(3)) + 1)
        for match in _FENCE.finditer(text)
    ]


def name_of(page: Path) -> str:
    """Return how a page is called from the project's folder."""
    return page.relative_to(ROOT).as_posix()


def alike(page: str, output: str) -> bool:
    """Whether a command put out what the page says, where … stands for what differs from run to run."""
    pattern = ".*?".join(re.escape(part) for part in page.split("…"))
    return re.fullmatch(pattern, output, re.DOTALL) is not None
