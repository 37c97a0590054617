"""SEMANTICS §2, §7, §9: how a live stream is read."""

from __future__ import annotations

from tests.conformance.rules import LiveRule

LIVE: list[LiveRule] = [
    LiveRule(
        section=2,
        grade="D",
        says="GetRecords may give no records while others lie further on: reading goes on",
        steps=(("put", 4), ("give_empty_pages", 3), ("read",)),
        delivered=[1, 2, 3, 4],
    ),
    LiveRule(
        section=2,
        grade="D",
        says="A null NextShardIterator means that the shard is closed and drained: then its child is read",
        steps=(("put", 2), ("roll_over", "shard-1", "shard-2"), ("put_into", "shard-2", 2), ("read",)),
        delivered=[1, 2, 3, 4],
        iterators=("TRIM_HORIZON", "TRIM_HORIZON"),
    ),
    LiveRule(
        section=2,
        grade="D",
        says="With LATEST a live stream is read from the end that it had when the mapping was made",
        starting="LATEST",
        steps=(("put", 2), ("open",), ("put", 2), ("read",)),
        delivered=[3, 4],
        iterators=("LATEST",),
    ),
    LiveRule(
        section=3,
        grade="I",
        says="A stream whose reading is refused for a while loses nothing by it",
        choice="it is asked again, after 0.25 s doubling up to 5 s, until it answers",
        steps=(("put", 2), ("refuse", "LimitExceededException"), ("refuse", "InternalServerError"), ("read",)),
        delivered=[1, 2],
    ),
    LiveRule(
        section=7,
        grade="D",
        says="DescribeStream gives its shards in pages, in no promised order: parents are read first all the same",
        page=2,
        steps=(
            ("put", 1),
            ("roll_over", "shard-1", "shard-2", "shard-3"),
            ("put_into", "shard-2", 1),
            ("roll_over", "shard-2", "shard-4"),
            ("put_into", "shard-4", 1),
            ("read",),
        ),
        delivered=[1, 2, 3],
    ),
    LiveRule(
        section=7,
        grade="I",
        says="An expired iterator is replaced by one behind the last record: none is left out, none comes twice",
        choice="the last that was read, not the checkpoint: what lies between them waits in memory",
        steps=(("put", 2), ("read",), ("put", 2), ("expire",), ("read",)),
        delivered=[1, 2, 3, 4],
        iterators=("TRIM_HORIZON", "AFTER_SEQUENCE_NUMBER"),
    ),
    LiveRule(
        section=7,
        grade="I",
        says="An iterator that expires before its first record was read is replaced by one at TRIM_HORIZON",
        choice="the same for a mapping that starts at LATEST, leaving out what was created before it: see SEMANTICS §2",
        starting="LATEST",
        steps=(("open",), ("put", 2), ("expire",), ("read",)),
        delivered=[1, 2],
        iterators=("LATEST", "TRIM_HORIZON"),
    ),
    LiveRule(
        section=7,
        grade="I",
        says="Where the records behind the last one are trimmed, reading goes on at TRIM_HORIZON, and the loss is told",
        choice="a line, and an exit code, that say after which record the gap is",
        steps=(("put", 2), ("read",), ("put", 4), ("trim", "shard-1", 4), ("read",)),
        delivered=[1, 2, 5, 6],
        iterators=("TRIM_HORIZON", "TRIM_HORIZON"),
        loses=True,
    ),
    LiveRule(
        section=7,
        grade="D",
        says="A stream that was disabled is read to its end",
        steps=(("put", 3), ("disable",), ("read",)),
        delivered=[1, 2, 3],
    ),
    LiveRule(
        section=9,
        grade="D",
        says="Reading asks for DescribeStream, GetShardIterator and GetRecords, and for nothing else",
        steps=(("put", 2), ("read",), ("roll_over", "shard-1", "shard-2"), ("put_into", "shard-2", 1), ("read",)),
        delivered=[1, 2, 3],
    ),
]
