from __future__ import annotations

import errno
import gc
import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.sources.spool import Spool

if TYPE_CHECKING:
    from pathlib import Path


@given(
    st.lists(st.binary(max_size=50) | st.lists(st.none() | st.text(max_size=9))),
    st.sampled_from([1, 100, 10_000]),
)
def test_what_was_put_away_is_found_again_in_memory_and_on_disk(values: list[Any], memory: int) -> None:
    spool = Spool(memory)
    addresses = []
    for value in values:
        addresses.append(spool.add(value))
        # Reading moves a file's position, and the next value must not land there.
        assert spool.get(addresses[0]) == values[0]
    for address, value in zip(reversed(addresses), reversed(values), strict=True):
        assert spool.get(address) == value


def test_a_spool_that_is_on_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool = Spool(1)
    spool.add(b"more than one byte")
    # A ResourceWarning of a file that nobody closed would fail this test.
    del spool
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cannot_take_it_is_told_with_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    spool = Spool(30)
    spool.add(b"small")
    with pytest.raises(FileNotFoundError, match=r"No such file or directory .*gone; TMPDIR names another") as caught:
        spool.add(b"too large for memory")
    assert caught.value.errno == errno.ENOENT
    assert caught.value.strerror is not None
    assert "TMPDIR" in caught.value.strerror
