"""Puts the messages as they are now under the headings of docs/errors.md: ``python -m tests.docs.rewriting``.

What is said of them stays, and so does a text with … that still is the message. Headings are written by hand.
"""

from __future__ import annotations

import re
import tempfile
import textwrap
from pathlib import Path

import pytest

from tests.docs.provoking import PAGE, PROVOKED, as_user, entries_of, one_line, provocations_of, provoke

__all__ = ["rewritten"]

_WIDTH = 100


def rewritten(page: str, heading: str, kinds: list[str], texts: list[str]) -> str:
    """Return the page with these under the heading, in the place of what it had between that and the prose."""
    wrapped = [textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False) for text in texts]
    said = ", ".join(f"`{kind}`" for kind in kinds) + "\n\n```text\n" + "\n\n".join(wrapped) + "\n```\n"
    before, mark, after = page.partition(f"### `{heading}`\n")
    own, more, rest = after.partition("\n##")
    prose = re.sub(r"\A\s*`[^\n]*\n\s*```text\n.*?^```\n", "", own, flags=re.DOTALL | re.MULTILINE).lstrip("\n")
    return f"{before}{mark}\n{said}\n{prose}{more}{rest}"


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    entries = {entry.heading: entry for entry in entries_of(page)}
    for path in sorted(PROVOKED.glob("*.md")):
        for provocation in provocations_of(path):
            if provocation.heading not in entries:
                print(f"docs/errors.md has no heading {provocation.heading!r}")  # noqa: T201  # this is a command
                continue
            with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
                as_user(monkeypatch, Path(folder))
                met = provoke(provocation, Path(folder))
            entry = entries[provocation.heading]
            texts = list(dict.fromkeys(entry.text_of(one.text) or one_line(one.text) for one in met))
            kinds = list(dict.fromkeys(one.kind for one in met))
            if set(texts) != set(entry.texts) or set(kinds) != entry.kinds:
                page = rewritten(page, provocation.heading, kinds, texts)
                print(f"written anew: {provocation.heading}")  # noqa: T201  # as above
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
