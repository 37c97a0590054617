from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.invokers.functionlog import FunctionLog


def test_what_is_written_is_told_once_in_order() -> None:
    log = FunctionLog()
    log.write(b"one\n")
    log.write(b"two\n")
    assert log.take() == "one\ntwo\n"
    log.write(b"three\n")
    assert log.take() == "three\n"
    assert log.take() == ""


def test_bytes_that_are_no_text_are_shown() -> None:
    log = FunctionLog()
    log.write(b"\xff\x00 \xc3")
    log.write(b"\xa9")
    assert log.take() == "\\xff\x00 é"


@given(st.lists(st.binary(max_size=12), max_size=12), st.integers(2, 40))
def test_of_more_than_is_kept_there_is_the_first_and_the_last_half_and_how_much_lies_between(
    written: list[bytes], most: int
) -> None:
    log, all_of_it, half = FunctionLog(most), b"".join(written), most // 2
    for data in written:
        log.write(data)
    over = len(all_of_it) - 2 * half
    gap = b"" if over <= 0 else b"\n[%d bytes are left out here]\n" % over
    kept = all_of_it if over <= 0 else all_of_it[:half] + gap + all_of_it[-half:]
    assert log.take() == kept.decode(errors="backslashreplace")
    assert log.take() == ""


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_flood_is_held_in_bounds(size: int) -> None:
    log = FunctionLog(100)
    for _ in range(1000):
        log.write(b"x" * size)
    assert len(log.take()) < 200
