from __future__ import annotations

import pytest

from streamkit import DecodeError
from streamkit.local.texts import described, full_text, function_log, printable


class Broken(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("bad"), "ValueError: bad"),
        (ValueError(), "ValueError"),
        (ValueError("two\n  lines\n"), "ValueError: two lines"),
        (DecodeError("no number", sequence_number="7", part="Keys"), "DecodeError: Keys: no number"),
        (OSError("file \udcff"), "OSError: file \\udcff"),
    ],
)
def test_an_exception_is_described_in_one_line_that_can_be_printed(error: BaseException, line: str) -> None:
    assert described(error) == line
    described(error).encode()


def test_a_full_text_keeps_its_lines_and_its_record() -> None:
    assert full_text(ValueError("two\nlines")) == "ValueError: two\nlines"
    assert full_text(OSError("file \udcff")) == "OSError: file \\udcff"
    assert "record 7" in full_text(DecodeError("no number", sequence_number="7", part="Keys"))


def test_an_exception_whose_text_raises_has_a_text_all_the_same() -> None:
    for text in (described(Broken()), full_text(Broken())):
        assert text.startswith("Broken: ")
        assert "cannot be shown" in text


def test_what_can_be_printed_stays_as_it_is() -> None:
    assert printable("ä€😀") == "ä€😀"


@pytest.mark.parametrize(
    ("log", "shown"),
    [
        ("one\ntwo\n", "one\ntwo"),
        ("Traceback\r  File\xa0\xa0x\r\nend\n\n", "Traceback\n  File  x\nend"),
        ("", ""),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_what_a_function_wrote_is_shown_as_if_it_had_run_here(log: str, shown: str) -> None:
    assert function_log(log) == shown
