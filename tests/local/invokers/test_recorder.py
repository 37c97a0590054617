"""The invoker that writes records down."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local import Invoker
from streamkit.local.invokers import recorder as module
from streamkit.local.invokers.recorder import Recorder
from streamkit.local.records import RecordError
from streamkit.local.redaction import Redaction
from tests.build import STREAM_ARN, event, record

if TYPE_CHECKING:
    from pathlib import Path


def batch(*numbers: int) -> bytes:
    return orjson.dumps(event(*map(record, numbers)))


def lines_of(*numbers: int) -> bytes:
    return b"".join(orjson.dumps(record(number)) + b"\n" for number in numbers)


def written(path: Path, *batches: bytes) -> int:
    """Go on with a recording, and return how many records came to it."""
    with path.open("a+b") as file:
        recorder = Recorder(file)
        for one in batches:
            assert recorder.invoke(one, "request-1", "arn").error is None
        return recorder.count


def test_it_is_an_invoker(tmp_path: Path) -> None:
    with (tmp_path / "out").open("a+b") as file:
        assert isinstance(Recorder(file), Invoker)


def test_each_record_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert written(path, batch(1, 2), batch(3)) == 3
    assert path.read_bytes() == lines_of(1, 2, 3)


def test_what_the_file_holds_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "out"
    written(path, batch(1, 2))
    assert written(path, batch(1, 2, 3)) == 1
    assert path.read_bytes() == lines_of(1, 2, 3)


@given(kept=st.integers(0, 3 * len(lines_of(1))))
def test_wherever_a_recording_was_torn_every_record_is_in_it_once_afterwards(
    tmp_path_factory: pytest.TempPathFactory, kept: int
) -> None:
    path = tmp_path_factory.mktemp("torn") / "out"
    path.write_bytes(lines_of(1, 2, 3)[:kept])
    written(path, batch(1, 2, 3))
    assert path.read_bytes() == lines_of(1, 2, 3)


@pytest.mark.parametrize(
    "content",
    [b"dear diary", b"{}", b"\n", b"[]\n", b"null\n", b'{"dynamodb":{"SequenceNumber":1}}\n', lines_of(1) + b"x"],
)
def test_another_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "out"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=r"line [12] is no stream record: .* a recording can go on in its own file"):
        written(path)
    assert path.read_bytes() == content


def test_the_stream_that_a_recording_is_of_is_known(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b'{"dynamodb":{"SequenceNumber":"1"}}\n' + lines_of(2) + b'{"dynamodb":{"SequenceNumber":"3"}}\n')
    with path.open("a+b") as file:
        assert Recorder(file).stream_arn == STREAM_ARN


def test_of_a_new_recording_no_stream_is_known(tmp_path: Path) -> None:
    with (tmp_path / "out").open("a+b") as file:
        assert Recorder(file).stream_arn is None


def test_only_so_many_of_the_last_records_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IN_FLIGHT", 2)
    path = tmp_path / "out"
    written(path, batch(1, 2, 3))
    assert written(path, batch(1, 2, 3)) == 1


def test_what_cannot_be_read_only_takes_records(tmp_path: Path) -> None:
    with (tmp_path / "out").open("ab") as file:
        recorder = Recorder(file)
        recorder.invoke(batch(1), "request-1", "arn")
    assert (tmp_path / "out").read_bytes() == lines_of(1)


def test_a_file_in_memory_only_takes_records() -> None:
    file = io.BytesIO()
    Recorder(file).invoke(batch(1), "request-1", "arn")
    assert file.getvalue() == lines_of(1)


def test_records_are_written_redacted(tmp_path: Path) -> None:
    with (tmp_path / "out").open("a+b") as file:
        Recorder(file, Redaction(["id"], b"secret")).invoke(batch(1), "request-1", "arn")
    assert orjson.loads((tmp_path / "out").read_bytes())["dynamodb"]["Keys"]["id"]["N"] != "1"
