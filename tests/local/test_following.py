"""Following a live stream on the real clock, until it is stopped, over, or caught up with."""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamkit.local import Answer, CheckpointFile, LocalRunner
from streamkit.local.journal import InvocationFinished, InvocationStarted, SourceNoted
from streamkit.local.runner import advance_together, run_together
from streamkit.local.streams import livestream
from streamkit.local.streams.livestream import LiveStream
from tests.local.builders import REPORTING, succeed, table_of
from tests.local.streams.fakestream import ARN, FakeStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

LONG = 60.0


@pytest.fixture(autouse=True, scope="module")
def hurried() -> Iterator[None]:
    """Let nobody wait for seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(livestream, "_DISCOVER_CHILDREN", 0.002)
        patch.setattr(livestream, "_LONGEST_WAIT", 0.002)
        yield


@contextmanager
def live(fake: FakeStream) -> Iterator[LiveStream]:
    stream = LiveStream(ARN, poll_interval=0.002, client=fake)
    try:
        yield stream
    finally:
        stream.close()


class Seen:
    """A handler that remembers the numbers of the records of each batch, and calls ``then`` after each."""

    __name__ = "seen"

    def __init__(self, then: Callable[[], object] = bool) -> None:
        self.batches: list[list[str]] = []
        self._then = then

    def __call__(self, event: Any, _context: Any) -> None:
        self.batches.append([record["dynamodb"]["SequenceNumber"] for record in event["Records"]])
        self._then()

    @property
    def numbers(self) -> list[str]:
        return [number for batch in self.batches for number in batch]


def stream(count: int = 3) -> FakeStream:
    fake = FakeStream()
    fake.shard("a", count=count)
    return fake


def test_run_ends_when_everything_was_handled_that_was_in_the_stream() -> None:
    fake, seen = stream(250), Seen()
    fake.roll_over("a", "b", "c")
    fake.put("b", 5)
    fake.put("c", 5)
    with live(fake) as source:
        runner = LocalRunner(seen, source)
        runner.run()
        assert sorted(seen.numbers) == [str(100 + number) for number in range(260)]
        assert [len(batch) for batch in seen.batches[:3]] == [100, 100, 50]
        fake.put("c")
        runner.run()
        assert seen.batches[-1] == ["360"]


def test_run_retries_until_it_is_done() -> None:
    answers = iter([ValueError("not yet"), None])

    def handler(event: Any, context: Any) -> None:
        error = next(answers)
        if error is not None:
            raise error

    with live(stream()) as source:
        runner = LocalRunner(handler, source)
        runner.run()
        assert [invocation.outcome for invocation in runner.invocations] == ["failure", "success"]


def test_run_with_fail_fast_raises_and_can_go_on() -> None:
    errors = [ValueError("bad")]

    def handler(event: Any, context: Any) -> None:
        if errors:
            raise errors.pop()

    with live(stream()) as source:
        runner = LocalRunner(handler, source)
        with pytest.raises(ValueError, match="bad"):
            runner.run(fail_fast=True)
        runner.run(fail_fast=True)
        assert runner.checkpoints == {"a": "102"}


def test_run_of_a_disabled_mapping_ends_and_reads_nothing() -> None:
    seen = Seen()
    with live(stream()) as source:
        runner = LocalRunner(seen, source, {"Enabled": False})
        runner.run()
        assert seen.batches == []
        runner.enable()
        runner.run()
        assert len(seen.numbers) == 3


def test_follow_goes_on_until_it_is_stopped_and_what_is_in_flight_is_finished() -> None:
    fake = stream()
    seen = Seen(lambda: runner.stop())  # noqa: PLW0108  # it is made below
    with live(fake) as source:
        runner = LocalRunner(seen, source, {"BatchSize": 2})
        assert runner.follow() == "stopped"
        assert seen.batches == [["100", "101"]]
        assert runner.checkpoints == {"a": "101"}
        assert runner.follow() == "stopped"
        assert seen.batches[1:] == [["102"]]


def test_a_stop_before_it_follows_ends_it_at_once() -> None:
    seen = Seen()
    with live(stream()) as source:
        runner = LocalRunner(seen, source)
        runner.stop()
        assert runner.follow() == "stopped"
        assert seen.batches == []


def test_another_thread_stops_it() -> None:
    fake, seen = stream(0), Seen()
    with live(fake) as source:
        runner = LocalRunner(seen, source)
        ends: list[str] = []
        thread = threading.Thread(target=lambda: ends.append(runner.follow()))
        thread.start()
        runner.stop()
        thread.join(LONG)
        assert ends == ["stopped"]


def test_follow_ends_with_the_stream() -> None:
    fake, seen = stream(), Seen()
    fake.disable()
    with live(fake) as source:
        assert LocalRunner(seen, source).follow() == "the stream was disabled"
        assert len(seen.numbers) == 3


def test_follow_ends_when_the_stream_is_gone_and_what_is_lost_is_told_before() -> None:
    fake = stream()
    seen = Seen(lambda: setattr(fake, "gone", True))
    with live(fake) as source:
        runner = LocalRunner(seen, source)
        assert runner.follow() == "the stream is not there any more"
        notes = [fact for fact in runner.journal if isinstance(fact, SourceNoted)]
        assert [(note.shard_id, note.loses_records) for note in notes] in (
            [("a", True), ("", False)],
            [("", False), ("a", True)],
        )


def test_advance_lets_a_span_of_time_pass() -> None:
    fake, seen = stream(), Seen()
    with live(fake) as source:
        runner = LocalRunner(seen, source)
        before = runner.clock.now()
        runner.advance(milliseconds=200)
        assert (runner.clock.now() - before).total_seconds() >= 0.2
        assert len(seen.numbers) == 3


def test_only_a_live_stream_is_followed_and_only_alone() -> None:
    runner = LocalRunner(succeed, table_of(1))
    with pytest.raises(TypeError, match=r"is not a live stream, to be followed: use run\(\) or advance\(\)"):
        runner.follow()
    runner.stop()
    with live(stream()) as source:
        following = LocalRunner(succeed, source)
        for together in (run_together, lambda *runners: advance_together(*runners, seconds=1)):
            with pytest.raises(ValueError, match="a live stream is followed by itself, on the real clock"):
                together(following)


def test_ctrl_c_while_it_waits_leaves_it_so_that_it_can_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    fake, seen = stream(0), Seen()
    with live(fake) as source:
        runner = LocalRunner(seen, source)
        following = runner._following
        assert following is not None

        def interrupted(seconds: float) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(following._bell, "wait", interrupted)
            with pytest.raises(KeyboardInterrupt):
                runner.follow()
        fake.put("a")
        runner.run()
        assert seen.numbers == ["100"]


class Beside:
    """An invoker that says that its calls may run side by side. They wait for each other: ``together`` of them."""

    function_name = "beside"

    def __init__(self, together: int) -> None:
        self._barrier = threading.Barrier(together)
        self.items: list[str] = []
        self.threads: set[int] = set()

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:  # noqa: ARG002  # Invoker
        self._barrier.wait(LONG)
        records = orjson.loads(event)["Records"]
        self.items += [record["dynamodb"]["Keys"]["id"]["S"] for record in records]
        self.threads.add(threading.get_ident())
        return Answer()

    def close(self) -> None:
        """Nothing is open."""


def test_calls_of_several_shards_run_side_by_side_where_the_invoker_can() -> None:
    fake = FakeStream()
    for shard in "abcd":
        fake.shard(shard, count=1)
    with live(fake) as source:
        invoker = Beside(4)
        runner = LocalRunner(invoker, source)
        runner.run()
        assert len(invoker.threads) == 4
        assert len(runner.checkpoints) == 4
        assert runner._setup.calls is not None


def test_calls_of_several_lanes_run_side_by_side_too_and_a_lane_has_one_at_a_time() -> None:
    fake = stream(0)
    for number in range(40):
        fake.put("a", item=f"item {number}")
    with live(fake) as source:
        runner = LocalRunner(Beside(2), source, {"ParallelizationFactor": 2, "BatchSize": 40})
        runner.run()
        assert runner.checkpoints == {"a": "139"}
        assert {invocation.lane for invocation in runner.invocations} == {0, 1}


def test_an_answer_arrives_when_the_invoker_says_that_the_call_took_so_long() -> None:
    waited = threading.Event()

    class Timed(Beside):
        def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
            super().invoke(event, request_id, function_arn)
            # Not before it is waited for.
            assert waited.wait(LONG)
            return Answer(seconds=0.5)

    with live(stream(1)) as source:
        runner = LocalRunner(Timed(1), source)
        following = runner._following
        assert following is not None
        wait = following._bell.wait

        def noted(seconds: float) -> None:
            if runner.invocations:
                waited.set()
            wait(seconds)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(following._bell, "wait", noted)
            runner.run()
        facts = {type(fact): fact.at for fact in runner.journal}
        assert facts[InvocationFinished] - facts[InvocationStarted] >= timedelta(seconds=0.5)


def test_stopping_waits_for_calls_that_are_under_way() -> None:
    fake = FakeStream()
    for shard in "ab":
        fake.shard(shard, count=2)

    class Stopping(Beside):
        def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:  # Invoker
            answer = super().invoke(event, request_id, function_arn)
            runner.stop()
            return answer

    with live(fake) as source:
        runner = LocalRunner(Stopping(2), source, {"BatchSize": 1})
        assert runner.follow() == "stopped"
        assert runner.checkpoints == {"a": "100", "b": "102"}


def test_ctrl_c_leaves_calls_that_are_under_way_and_takes_their_answers_when_it_goes_on() -> None:
    fake, go_on = stream(1), threading.Event()
    calls: list[str] = []

    class Slow:
        function_name = "slow"

        def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:  # noqa: ARG002  # Invoker
            calls.append(request_id)
            assert go_on.wait(LONG)
            return Answer()

        def close(self) -> None:
            """Nothing is open."""

    with live(fake) as source:
        runner = LocalRunner(Slow(), source)
        following = runner._following
        assert following is not None
        wait = following._bell.wait

        def interrupted(seconds: float) -> None:
            if calls:
                raise KeyboardInterrupt
            wait(seconds)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(following._bell, "wait", interrupted)
            with pytest.raises(KeyboardInterrupt):
                runner.follow()
        go_on.set()
        runner.run()
        assert len(calls) == 1
        assert runner.checkpoints == {"a": "100"}


def test_latest_goes_on_after_a_kill_before_the_first_record_with_what_was_written_meanwhile(tmp_path: Path) -> None:
    fake = stream(0)
    path = tmp_path / "checkpoints.db"
    mapping = {"StartingPosition": "LATEST"}
    with live(fake) as source, CheckpointFile(path, ARN, "f") as checkpoints:
        LocalRunner(succeed, source, mapping, checkpoints=checkpoints)
        began = source.clock.now()
    fake.put("a", at=began)
    seen = Seen()
    with live(fake) as source, CheckpointFile(path, ARN, "f") as checkpoints:
        LocalRunner(seen, source, mapping, checkpoints=checkpoints).run()
    assert seen.numbers == ["100"]
    assert "iterator LATEST" in fake.calls


def test_a_run_goes_on_behind_its_checkpoint(tmp_path: Path) -> None:
    fake, path = stream(), tmp_path / "checkpoints.db"
    for expected in (["100", "101", "102"], [], ["103"]):
        seen = Seen()
        with live(fake) as source, CheckpointFile(path, ARN, "f") as checkpoints:
            LocalRunner(seen, source, checkpoints=checkpoints).run()
        assert seen.numbers == expected
        if not expected:
            fake.put("a")


ACTIONS = st.sampled_from(["throttle", "outage", "expire", "put", "roll over", "empty page", "trim", "nothing"])


class Storm:
    """A stream to which something happens at each call, and that knows what was lost by it."""

    def __init__(self, plan: Sequence[tuple[str, int]], page: int, limit: int) -> None:
        self.fake = FakeStream(page=page, limit=limit)
        self.fake.shard("0", count=3)
        self.trimmed: set[str] = set()
        self._plan = plan

    def begin(self) -> None:
        self.fake.troubles.extend(self._trouble(*step) for step in self._plan)

    def _trouble(self, action: str, count: int) -> Any:
        match action:
            case "throttle" | "outage":
                code = {"throttle": "LimitExceededException", "outage": "InternalServerError"}[action]
                return self.fake.refusal(code)
            case "expire":
                return self.fake.expire
            case "put":
                return lambda: self.put(count)
            case "roll over":
                return lambda: self.roll_over(count)
            case "empty page":
                return lambda: setattr(self.fake, "empty_pages", count)
            case "trim":
                return lambda: self.trim(count)
            case _:
                return None

    def put(self, count: int) -> None:
        for shard in [shard for shard in self.fake.shards.values() if not shard.closed]:
            for number in range(count):
                self.fake.put(shard.shard_id, item=str(number % 2))

    def roll_over(self, count: int) -> None:
        leaf = next(shard for shard in self.fake.shards.values() if not shard.closed)
        names = range(len(self.fake.shards), len(self.fake.shards) + 1 + count % 2)
        self.fake.roll_over(leaf.shard_id, *map(str, names))

    def trim(self, count: int) -> None:
        for shard in self.fake.shards.values():
            self.trimmed.update(shard.numbers[: shard.trimmed + count])
            self.fake.trim(shard.shard_id, count)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    plan=st.lists(st.tuples(ACTIONS, st.integers(1, 4)), max_size=40),
    page=st.integers(1, 3),
    limit=st.integers(1, 4),
    factor=st.sampled_from([1, 3]),
)
def test_whatever_happens_to_a_stream_only_what_was_trimmed_is_missing_and_items_and_lineage_keep_their_order(
    plan: Sequence[tuple[str, int]], page: int, limit: int, factor: int
) -> None:
    storm = Storm(plan, page, limit)
    fake = storm.fake
    began: dict[str, list[str]] = defaultdict(list)

    def handler(event: Any, context: Any) -> None:
        for record in event["Records"]:
            number = record["dynamodb"]["SequenceNumber"]
            shard = next(shard for shard in fake.shards.values() if number in shard.numbers)
            if shard.parent is not None:
                parent = fake.shards[shard.parent]
                missing = set(parent.numbers) - set(began[parent.shard_id])
                assert missing <= storm.trimmed, "a child began before its parent was done with"
            began[shard.shard_id].append(number)

    with live(fake) as source:
        runner = LocalRunner(handler, source, {"ParallelizationFactor": factor, "BatchSize": 3} | REPORTING)
        storm.begin()
        # Until all that was to happen has happened.
        while True:
            runner.run(fail_fast=True)
            if not fake.troubles:
                break
        runner.run(fail_fast=True)
        for shard in fake.shards.values():
            read = began[shard.shard_id]
            assert len(set(read)) == len(read), "nothing is delivered twice"
            for item in "a01":
                written = [
                    r["dynamodb"]["SequenceNumber"] for r in shard.records if r["dynamodb"]["Keys"]["id"]["S"] == item
                ]
                assert [n for n in read if n in written] == [n for n in written if n in read], "out of order"
            assert set(shard.numbers) - set(read) <= storm.trimmed


def test_a_shard_that_has_much_holds_up_no_other() -> None:
    fake = FakeStream(limit=10)
    fake.shard("busy", count=600)
    fake.shard("quiet", count=1)
    (last,) = fake.shards["quiet"].numbers
    seen = Seen()
    with live(fake) as source:
        LocalRunner(seen, source, {"BatchSize": 10}).run()
    assert len(seen.numbers) == 601
    assert seen.numbers.index(last) < 300


def test_a_shard_that_is_not_listed_any_more_when_a_run_goes_on_is_told_with_how_far_it_was_done(
    tmp_path: Path,
) -> None:
    fake = stream(4)
    fake.shard("b", count=2)
    path, seen = tmp_path / "checkpoints.db", Seen()
    with live(fake) as source:
        LocalRunner(seen, source, checkpoints=path).run()
    done = fake.shards["a"].numbers[-1]
    del fake.shards["a"]
    with live(fake) as source:
        runner = LocalRunner(seen, source, checkpoints=path)
        runner.run()
    (note,) = [fact for fact in runner.journal if isinstance(fact, SourceNoted)]
    assert (note.shard_id, note.loses_records) == ("a", True)
    assert f"everything up to {done} was done with" in note.text


def test_a_shard_of_which_nothing_was_done_and_that_is_not_listed_any_more_is_told_too(tmp_path: Path) -> None:
    fake = stream(0)
    fake.shard("b", count=1)
    path = tmp_path / "checkpoints.db"
    with live(fake) as source:
        LocalRunner(Seen(), source, checkpoints=path).run()
    del fake.shards["a"]
    with live(fake) as source:
        runner = LocalRunner(Seen(), source, checkpoints=path)
        runner.run()
    (note,) = [fact for fact in runner.journal if isinstance(fact, SourceNoted)]
    assert "nothing of it was done with" in note.text


def test_a_shard_that_was_read_to_its_end_may_vanish_without_a_word(tmp_path: Path) -> None:
    fake = stream(2)
    fake.roll_over("a", "b")
    fake.put("b", 2)
    path, seen = tmp_path / "checkpoints.db", Seen()
    with live(fake) as source:
        LocalRunner(seen, source, checkpoints=path).run()
    del fake.shards["a"]
    with live(fake) as source:
        runner = LocalRunner(seen, source, checkpoints=path)
        runner.run()
    assert len(seen.numbers) == 4
    assert [fact for fact in runner.journal if isinstance(fact, SourceNoted)] == []
