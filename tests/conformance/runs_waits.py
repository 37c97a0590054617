"""SEMANTICS §3: how long a retry waits."""

from __future__ import annotations

from tests.conformance.parts import ALL, REPORT, named
from tests.conformance.rules import RunRule

WAITS = [
    RunRule(
        section=3,
        grade="O",
        says="The first two retries wait 0.25 s and 0.5 s",
        bad={1: 2},
        sees={"waits": [0.25, 0.5]},
    ),
    RunRule(
        section=3,
        grade="I",
        says="The wait goes on doubling",
        choice="doubling from 0.25 s",
        bad={1: 8},
        sees={"waits": [0.25, 0.5, 1, 2, 4, 8, 16, 32]},
    ),
    RunRule(
        section=3,
        grade="U",
        says="The wait is capped at 60 s",
        choice="60 s, and the jitter on top of it",
        bad={1: 12},
        sees={"waits": [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]},
    ),
    RunRule(
        section=3,
        grade="U",
        says="Each wait is up to 25 % shorter or longer, and which of them, the run's seed says",
        choice="±25 %, evenly distributed",
        setting="seed",
        bad={1: 6},
        sees={
            "waits": [0.25, 0.5, 1, 2, 4, 8],
            "the same seed, the same waits": True,
            "another seed, other waits": True,
        },
    ),
    RunRule(
        section=3,
        grade="U",
        says="A wait begins when the failed attempt ends",
        choice="when its answer arrives",
        bad={1: 1},
        duration=(0.75, 0),
        sees={"waits": [1]},
    ),
    RunRule(
        section=3,
        grade="U",
        says="A throttle waits like a failure, by the throttles in a row",
        choice="the same doubling, counted by itself",
        faults={1: "throttle", 2: "throttle", 3: "throttle", 5: "throttle"},
        bad={1: 1},
        sees={
            "outcomes": ["throttled", "throttled", "throttled", "failure", "throttled", "success"],
            "waits": [0.25, 0.5, 1, 0.25, 0.25],
        },
    ),
    RunRule(
        section=3,
        grade="I",
        says="A new extent's first wait is 0.25 s again",
        choice="the wait counts with the budget",
        settings=REPORT,
        answers=(named(1), named(1), named(2), named(2)),
        sees={"batches": [ALL, ALL, ALL, [2, 3, 4], [2, 3, 4]], "waits": [0.25, 0.5, 0, 0.25]},
    ),
]
