"""A run as a story for people."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamkit import Change, stream_handler
from streamkit.local import Answer, Journal, LocalRunner, LocalTable
from streamkit.local.journal import (
    InvocationFinished,
    InvocationStarted,
    RecordsDoneBefore,
    RecordsExpired,
    RetryScheduled,
    SourceNoted,
    Warned,
)
from streamkit.local.story import named, names_in, story
from streamkit.observing import RecordFailure
from tests.local.builders import (
    QUEUE,
    REPORTING,
    START,
    Answering,
    Failing,
    Tallying,
    after,
    full,
    lambda_record,
    succeed,
    table_at,
    table_of,
    tumbling,
)
from tests.local.plans import RUNS, WINDOWED_RUNS, Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamkit.local import Fact, Fault
    from streamkit.local.journal import OutcomeName

ONCE = {"MaximumRetryAttempts": 0}


@stream_handler(batch_size=3, maximum_retry_attempts=1)
def handler(change: Change) -> None:
    if change.keys["id"] == 2:
        raise ValueError("no stock")


def told(run: LocalRunner | Iterable[Fact], **options: Any) -> list[str]:
    """Return a story's lines without its first, with N for the lines of code."""
    return [re.sub(r"\.py:\d+", ".py:N", line) for line in story(run, **options).splitlines()[1:]]


def headline(runner: LocalRunner) -> str:
    return story(runner).splitlines()[0]


def ran(*arguments: Any, **options: Any) -> LocalRunner:
    runner = LocalRunner(*arguments, **options)
    runner.run()
    return runner


# --- calls ---------------------------------------------------------------------------------------------------------


def test_a_run_reads_as_calls_with_their_records_their_reasons_and_what_came_of_them() -> None:
    runner = ran(handler, table_of(3))
    assert headline(runner) == "3 records read, 1 handled, 2 discarded; 3 calls; +0s is 2026-01-01T00:00:00Z"
    assert told(runner) == [
        "call 1  +0s      INSERT id=1, id=2, id=3",
        "                 reported INSERT id=2, the 2nd of 3: ValueError: no stock (test_story.py:N)",
        "call 2  +0s      INSERT id=2, id=3 [INSERT id=2 is the lowest number in batchItemFailures (SEMANTICS §3)]",
        "                 reported INSERT id=2, the 1st of 2: ValueError: no stock (test_story.py:N)",
        (
            "call 3  +0.27s   INSERT id=2, id=3 [attempt 2; retry 1 of 1: INSERT id=2 is the lowest number in "
            "batchItemFailures (SEMANTICS §3)]"
        ),
        "                 reported INSERT id=2, the 1st of 2: ValueError: no stock (test_story.py:N)",
        "        +0.27s   lost: INSERT id=2, id=3, discarded after 2 attempts; last cause: ValueError: no stock",
    ]


def test_the_docs_first_story_is_told_from_facts_alone_too() -> None:
    runner = ran(handler, table_of(3))
    assert story(runner.journal) == story(list(runner.journal)) == story(runner)


def test_a_call_that_goes_well_is_one_line_and_says_nothing_of_a_batch_that_is_simply_the_next() -> None:
    table = table_of(2)
    runner = ran(succeed, table, {"BatchSize": 1})
    table.update(1, {"paid": True})
    table.expire(2)
    runner.run()
    assert told(runner) == [
        "call 1  +0s      INSERT id=1: success",
        "call 2  +0s      INSERT id=2: success",
        "call 3  +0.25s   MODIFY id=1: success",
        "call 4  +0.25s   REMOVE by TTL id=2: success",
    ]


def test_calls_that_had_a_fault_say_which_by_the_number_of_the_plan() -> None:
    faults: dict[int, Fault] = {1: "throttle", 2: "duplicate", 4: "timeout", 5: "crash"}
    assert told(ran(succeed, table_of(2), {"BatchSize": 1}, timeout=3, faults=faults)) == [
        "call 1  +0s      INSERT id=1",
        "                 throttled: throttle injected at call 1 (seed 0)",
        "call 2  +0.21s   INSERT id=1 [throttle injected at call 1 (seed 0)]",
        "                 success",
        "call 3  +0.21s   INSERT id=1 [delivered again: duplicate injected at call 2 (seed 0)]",
        "                 success",
        "call 4  +0.21s   INSERT id=2",
        (
            "                 failed: FunctionTimeoutError: Task timed out after 3.00 seconds (timeout injected at "
            "call 4 (seed 0))"
        ),
        (
            "call 5  +3.48s   INSERT id=2 [attempt 2; retry 1 without end: the function raised FunctionTimeoutError "
            "(SEMANTICS §3)]"
        ),
        (
            "                 failed: FunctionCrashedError: Runtime exited without providing a reason (crash "
            "injected at call 5 (seed 0))"
        ),
        (
            "call 6  +4.07s   INSERT id=2 [attempt 3; retry 2 without end: the function raised FunctionCrashedError "
            "(SEMANTICS §3)]"
        ),
        "                 success",
    ]


def test_a_batch_that_is_halved_says_why() -> None:
    lines = told(ran(Failing({2: None}), table_of(2), ONCE | {"BisectBatchOnFunctionError": True}))
    assert lines == [
        "call 1  +0s      INSERT id=1, id=2",
        "                 failed: ValueError: record 2 is bad (builders.py:N)",
        "call 2  +0s      INSERT id=1 [half of a batch that failed: the function raised ValueError (SEMANTICS §3)]",
        "                 success",
        "call 3  +0s      INSERT id=2 [half of a batch that failed: the function raised ValueError (SEMANTICS §3)]",
        "                 failed: ValueError: record 2 is bad (builders.py:N)",
        "        +0s      lost: INSERT id=2, discarded after 1 attempt; last cause: ValueError: record 2 is bad",
    ]


def test_shards_and_lanes_are_named_where_there_are_several() -> None:
    table = LocalTable("orders", shards=2, shard_of=lambda key: int(key["id"]) % 2)
    for number in (1, 2):
        table.put({"id": number})
    assert told(ran(succeed, table)) == [
        "call 1  +0s      shard 1: INSERT id=2: success",
        "call 2  +0s      shard 2: INSERT id=1: success",
    ]
    only_second = LocalTable("orders", shards=2, shard_of=lambda key: 1)
    only_second.put({"id": 1})
    assert told(ran(succeed, only_second)) == ["call 1  +0s      shard 2: INSERT id=1: success"]
    lanes = told(ran(succeed, table_of(4), {"ParallelizationFactor": 2}, duration=1))
    assert {line.partition(": ")[0][-15:] for line in lanes} == {"shard 1, lane 0", "shard 1, lane 1"}


def test_a_response_that_is_not_understood_is_shown_in_bounded_length() -> None:
    runner = ran(lambda event, context: {"x" * 190: "y" * 500}, table_of(1), REPORTING | ONCE)
    failed = told(runner)[1]
    assert failed.strip().startswith("failed: the response {'xxx")
    assert failed.endswith(" has no batchItemFailures (SEMANTICS §4)")
    long = ran(
        lambda event, context: {"batchItemFailures": 7}, table_of(1), REPORTING | ONCE, journal=Noting("n" * 999)
    )
    assert max(map(len, told(long))) <= 450


class Noting(Journal):
    """A journal that notes a long text at its beginning."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.write(Warned(START, "shard", text))


def test_a_report_of_several_records_names_the_lowest_and_counts_the_others() -> None:
    @stream_handler(on_failure="continue")
    def each(change: Change) -> None:
        if change.keys["id"] != 2:
            raise KeyError(change.keys["id"])

    lines = told(ran(each, table_of(3), each.mapping.to_aws() | ONCE))
    assert (
        "reported INSERT id=1, the 1st of 3: KeyError: Decimal('1') (test_story.py:N) (and 1 other record failed)"
        in (lines[1])
    )


def test_a_report_of_a_plain_handler_has_no_exception() -> None:
    lines = told(ran(Failing({2: None}, report=True), table_of(2), REPORTING | ONCE))
    assert lines[1].strip() == "reported INSERT id=2, the 2nd of 2"
    assert lines[3].strip() == "reported INSERT id=2"
    assert lines[4].endswith("; last cause: INSERT id=2 is the lowest number in batchItemFailures (SEMANTICS §3)")


def test_a_report_from_another_process_has_what_its_log_says_of_the_record() -> None:
    answer = Answer(
        {"batchItemFailures": [{"itemIdentifier": full(2)}]},
        log=f"starting\n[ERROR]\t2026\tid\tapp.handler failed on record {full(2)}: ValueError: no stock\nTraceback\n",
    )
    lines = told(ran(Answering(answer), table_of(2), REPORTING))
    assert lines[1].strip() == (
        f"reported INSERT id=2, the 2nd of 2; its log: app.handler failed on record {full(2)}: ValueError: no stock"
    )
    silent = told(ran(Answering(replace(answer, log="starting")), table_of(2), REPORTING))
    assert silent[1].strip() == "reported INSERT id=2, the 2nd of 2"


@pytest.mark.parametrize(
    ("place", "ordinal"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd")]
)
def test_the_place_of_a_reported_record_is_an_ordinal(place: int, ordinal: str) -> None:
    lines = told(ran(Failing({place: None}, report=True), table_of(23), REPORTING | ONCE))
    assert f"the {ordinal} of 23" in lines[1]


# --- what happened besides ----------------------------------------------------------------------------------------


def test_records_that_match_no_filter_are_named() -> None:
    criteria = {"FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["MODIFY"]}'}]}}
    runner = ran(succeed, table_of(2), criteria)
    assert headline(runner) == "2 records read, 2 filtered out; 0 calls; +0s is 2026-01-01T00:00:00Z"
    assert told(runner) == ["        +0s      filtered out: INSERT id=1, id=2"]


def test_records_that_expired_before_they_were_delivered_are_named() -> None:
    table = LocalTable("orders")
    table.put({"id": 1}, at=START - timedelta(days=2))
    assert told(ran(succeed, table)) == [
        (
            "        +0s      lost: INSERT id=1, expired: a stream holds records for 24 hours (SEMANTICS §3); "
            "last cause: never delivered"
        )
    ]


def test_an_on_failure_record_that_was_not_delivered_says_so() -> None:
    class Closed:
        def send(self, record: dict[str, Any]) -> None:
            raise OSError(f"no such queue for {len(record)} members")

    runner = ran(Failing({1: None}), table_of(1), ONCE | {"DestinationConfig": QUEUE}, destination=Closed())
    assert told(runner)[-1].endswith("; its on-failure record was not delivered: OSError: no such queue for 5 members")


def test_a_windows_end_is_told_with_its_cause() -> None:
    runner = ran(Tallying({}), table_at(3, 15), tumbling(10))
    assert told(runner)[:3] == [
        "call 1  +0s      INSERT id=1: success",
        (
            "call 2  +12s     no records [the final invocation of its window: a record of a later window was read "
            "(SEMANTICS §5)]"
        ),
        "                 success",
    ]
    assert told(runner)[3] == (
        "        +12s     window 2026-01-01T00:00:00Z to 2026-01-01T00:00:10Z of shard 1: 1 record in 2 invocations; "
        "processed at 2026-01-01T00:00:15Z, since a record of a later window was read"
    )


def test_what_a_window_and_a_retry_wait_for_stands_at_the_end() -> None:
    runner = LocalRunner(Tallying({1: None}), table_at(0), tumbling(10) | {"MaximumRetryAttempts": 1})
    runner.advance(seconds=0)
    assert told(runner)[-2:] == [
        "then             to be tried again at +0.21s: INSERT id=1",
        (
            "then             window 2026-01-01T00:00:00Z to 2026-01-01T00:00:10Z of shard 1: 0 records in 1 "
            "invocation; open, waits for: an invocation of it failed and is tried again at 2026-01-01T00:00:00Z on the "
            "runner's clock"
        ),
    ]
    assert headline(runner).startswith("1 record read, 1 not done with; 1 call;")
    runner.run()
    assert not any(line.startswith("then") for line in told(runner))


def test_nothing_waits_for_a_retry_of_records_that_were_given_up_in_the_meantime() -> None:
    runner = LocalRunner(Failing({1: None}), table_of(1), {"MaximumRecordAgeInSeconds": 60}, duration=59.9)
    runner.run()
    assert told(runner)[-1].startswith("        +1m")
    assert "lost: INSERT id=1, discarded: older than MaximumRecordAgeInSeconds" in told(runner)[-1]


def test_what_still_waits_is_told_when_something_else_was_given_up() -> None:
    facts: list[Fact] = [
        InvocationStarted(START, "shard", "one", 1, ("7",), "because", b""),
        InvocationStarted(START, "shard", "two", 1, ("8",), "because", b"", lane=1),
        RetryScheduled(START, "shard", "one", after(1), "again"),
        RetryScheduled(START, "shard", "two", after(2), "again"),
        RecordsExpired(START, "shard", ("8",), "too old", lane=1),
    ]
    assert [line for line in told(facts) if line.startswith("then")] == [
        "then             to be tried again at +1s: record 7"
    ]


def test_a_lost_result_of_a_window_is_told() -> None:
    lines = told(ran(Tallying({}, bad_finals=None), table_at(0), tumbling(10) | ONCE))
    assert "lost: the result of window 2026-01-01T00:00:00Z to 2026-01-01T00:00:10Z, discarded after 1 attempt" in (
        "\n".join(lines)
    )


def test_updates_of_the_mapping_are_told() -> None:
    runner = LocalRunner(succeed, table_of(1))
    runner.update(batch_size=7)
    runner.run()
    assert told(runner) == ["        +0s      mapping updated: BatchSize=7", "call 1  +0s      INSERT id=1: success"]


def test_a_warning_is_told() -> None:
    runner = ran(lambda event, context: {"batchItemFailures": [{"itemIdentifier": full(1)}]}, table_of(1))
    assert "warning: the function reported failed records, but the mapping lacks" in told(runner)[-1]


def test_records_of_an_earlier_run_are_told() -> None:
    facts: list[Fact] = [RecordsDoneBefore(START, "shard", (full(1),))]
    assert told(facts) == [f"        +0s      done in an earlier run: record {full(1)}"]


def test_what_happened_to_a_live_stream_is_told() -> None:
    notes: list[Fact] = [
        SourceNoted(START, "", "read again from the start"),
        SourceNoted(after(90), "shard", "trimmed", loses_records=True),
    ]
    assert told(notes) == [
        "        +0s      stream: read again from the start",
        "        +1m30s   lost: trimmed",
    ]


# --- times and lengths --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "+0s"),
        (0.009, "+0s"),
        (0.25, "+0.25s"),
        (59.999, "+59.99s"),
        (60, "+1m00s"),
        (119.9, "+1m59s"),
        (3599.9, "+59m59s"),
        (3600, "+1h00m"),
        (86_399, "+23h59m"),
    ],
)
def test_times_are_short_and_never_ahead(seconds: float, shown: str) -> None:
    facts: list[Fact] = [Warned(START, "shard", "first"), Warned(after(seconds), "shard", "then")]
    assert told(facts)[1].split()[0] == shown


def test_a_record_that_fails_again_and_again_is_told_in_a_few_lines() -> None:
    lines = told(ran(Failing({1: None}), table_of(1), {"MaximumRetryAttempts": 50}))
    assert [re.sub(r"\+[0-9hms.]+ *", "+T ", line) for line in lines] == [
        "call 1   +T INSERT id=1",
        "                  failed: ValueError: record 1 is bad (builders.py:N)",
        "… calls 2 to 50 (+T to +T ): as call 1 …",
        "call 51  +T INSERT id=1 [attempt 51; retry 50 of 50: the function raised ValueError (SEMANTICS §3)]",
        "                  failed: ValueError: record 1 is bad (builders.py:N)",
        "         +T lost: INSERT id=1, discarded after 51 attempts; last cause: ValueError: record 1 is bad",
    ]


def test_of_a_long_run_the_beginning_and_the_end_are_told_and_the_rest_is_counted() -> None:
    assert told(ran(succeed, table_of(100), {"BatchSize": 1}), most=6) == [
        "call 1    +0s      INSERT id=1: success",
        "call 2    +0s      INSERT id=2: success",
        "call 3    +0s      INSERT id=3: success",
        "call 4    +0s      INSERT id=4: success",
        "… in between: 94 calls (94 success) …",
        "call 99   +0s      INSERT id=99: success",
        "call 100  +0s      INSERT id=100: success",
    ]


def test_of_a_long_run_what_goes_wrong_first_is_told_too() -> None:
    runner = ran(Failing({50: None, 60: None}), table_of(100), ONCE | {"BatchSize": 1})
    assert told(runner, most=9) == [
        "call 1    +0s      INSERT id=1: success",
        "call 2    +0s      INSERT id=2: success",
        "call 3    +0s      INSERT id=3: success",
        "… in between: 45 calls (45 success) …",
        "call 49   +0s      INSERT id=49: success",
        "call 50   +0s      INSERT id=50",
        "                   failed: ValueError: record 50 is bad (builders.py:N)",
        "          +0s      lost: INSERT id=50, discarded after 1 attempt; last cause: ValueError: record 50 is bad",
        "… in between: 47 calls (46 success, 1 failure), 1 loss …",
        "call 98   +0s      INSERT id=98: success",
        "call 99   +0s      INSERT id=99: success",
        "call 100  +0s      INSERT id=100: success",
    ]


@pytest.mark.parametrize("bad", [1, 3, 4, 5, 96, 99, 100])
def test_where_what_goes_wrong_is_near_an_end_nothing_is_told_twice(bad: int) -> None:
    lines = told(ran(Failing({bad: 1}), table_of(100), {"BatchSize": 1}), most=9)
    calls = [line for line in lines if line.startswith("call")]
    assert len(calls) == len(set(calls)) == 9
    assert any("is bad" in line for line in lines)


def test_calls_that_fail_again_and_again_are_what_goes_wrong_first() -> None:
    runner = ran(Failing({20: 30}), table_of(60), {"BatchSize": 1, "MaximumRetryAttempts": 40})
    lines = told(runner, most=9)
    assert "… calls 21 to 48 " in "\n".join(lines)


def test_what_is_in_between_is_counted_by_its_kind() -> None:
    table = table_of(1)
    runner = LocalRunner(Failing({1: 5}), table, {"MaximumRetryAttempts": 9})
    runner.update(batch_size=7)
    runner.run()
    table.put({"id": 2})
    runner.run()
    assert told(runner, most=0) == ["… in between: 7 calls (5 failure, 2 success), 1 mapping update …"]


def test_a_run_of_which_nothing_is_known_says_why() -> None:
    assert headline(LocalRunner(succeed, table_of(1))) == (
        "nothing happened: the runner was not run, or its stream has no record to be read"
    )
    latest = LocalRunner(succeed, table_of(1), {"StartingPosition": "LATEST"})
    latest.run()
    assert headline(latest) == (
        "nothing happened: the runner was not run, or its stream has no record to be read; StartingPosition is LATEST, "
        "so what was written before the runner was made is not read"
    )
    assert headline(ran(succeed, table_of(1), {"Enabled": False})) == "nothing happened: the mapping is disabled"
    assert headline(ran(succeed, table_of(1), journal=Journal(keep=False))) == (
        "nothing happened, or is not known: the runner's journal holds nothing (Journal(keep=False))"
    )
    assert story([]) == "nothing happened"


# --- anything that a journal may hold -----------------------------------------------------------------------------


def finished(outcome: OutcomeName, response: Any = None, **more: Any) -> list[Fact]:
    """Return the facts of a call that no runner of ours made. ``more``: members of its end."""
    numbers = ("7", "8")
    end = {"error": None, "failures": (), "handled": 0, "sequence_numbers": numbers} | more
    return [
        InvocationStarted(START, "shard", "id", 1, numbers, "because", b"no JSON"),
        InvocationFinished(START, "shard", "id", 1, outcome, "so it was", response, **end),
    ]


@pytest.mark.parametrize(
    "response", [None, [], {}, {"batchItemFailures": 7}, {"batchItemFailures": [7]}, {"batchItemFailures": [{}]}]
)
def test_a_response_that_names_no_record_has_the_journals_own_reason(response: Any) -> None:
    assert told(finished("partial", response)) == [
        "call 1  +0s      record 7, 8 [because]",
        "                 reported so it was",
    ]


def test_a_failure_of_a_record_that_is_not_known_is_shown_with_the_report() -> None:
    response = {"batchItemFailures": [{"itemIdentifier": "8"}]}
    facts = finished("partial", response, failures=[RecordFailure(None, ValueError("which one?"))])
    assert told(facts)[1].strip() == "reported record 8, the 2nd of 2: ValueError: which one?"


def test_an_exception_without_a_text_does_not_end_the_story() -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    assert "its text cannot be shown" in told(finished("failure", error=Broken()))[1]


def test_facts_without_their_beginning_are_passed_over() -> None:
    start, end = finished("success")
    retry = RetryScheduled(START, "shard", "id", after(1), "again")
    assert told([end, retry]) == []
    assert told([start]) == ["call 1  +0s      record 7, 8 [because]", "                 no answer so far"]
    assert told([start, end]) == ["call 1  +0s      record 7, 8 [because]", "                 success"]


@pytest.mark.parametrize("most", [-1, 1.5, True, "all"])
def test_how_much_is_told_is_a_whole_number(most: Any) -> None:
    with pytest.raises(ValueError, match="most takes a whole number from 0 on, not"):
        story([], most=most)


def test_half_characters_can_be_printed() -> None:
    story([Warned(START, "shard", "\udcff")]).encode()


def test_a_runner_is_named_by_its_function_its_table_and_its_seed() -> None:
    assert named(LocalRunner(succeed, table_of(1), seed=7)) == "(succeed) on orders, seed 7"
    assert named(LocalRunner(succeed, [lambda_record(1)])) == "(succeed) on orders, seed 0"


def test_a_runner_knows_the_names_of_all_records_of_its_table() -> None:
    runner = LocalRunner(succeed, table := table_of(2))
    runner.run()
    table.put({"id": 3})
    shard = table.shard_ids[0]
    assert names_in(runner).of([full(2), full(3)], shard) == "INSERT id=2, id=3"


@settings(max_examples=25)  # each is a whole run, told twice
@given(RUNS | WINDOWED_RUNS, st.integers(0, 8))
@example(Run({}, 1, [("put", (1, None))], {}, {}, False, [0.0], 0), 0)
def test_of_every_run_all_calls_are_told_or_counted_and_never_more_than_asked_for(run: Run, most: int) -> None:
    _, runner = run.make()
    whole = told(runner, most=10**6)
    numbers = [int(line.split()[1]) for line in whole if line.startswith("call")]
    for line in whole:
        if line.startswith("… calls"):
            first, last = int(line.split()[2]), int(line.split()[4])
            numbers += range(first, last + 1)
    assert sorted(numbers) == list(range(1, len(runner.invocations) + 1))
    short = told(runner, most=most)
    # A call has two lines at the most, what is waited for one; and there are two for what is in between.
    assert len(short) <= 3 * most + 2
    assert all(len(line) < 450 for line in whole)
