"""The plugin in several processes: pytest-xdist's workers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

TEST = """
import pytest
from pydantic import BaseModel
from streamkit import Insert, stream_handler

class Order(BaseModel):
    id: int

counted = {"orders": 0}

@stream_handler
def wrong(change: Insert[Order]) -> None:
    counted["orders"] += 1

@pytest.mark.simulate(wrong, schedules=50)
def test_simulated(table):
    assert counted["orders"] == len({record["dynamodb"]["SequenceNumber"] for record in table.records})

@pytest.mark.streamkit(batch_size=1)
@pytest.mark.parametrize("number", range(4))
def test_run(local_table, local_runner, number):
    table = local_table("orders")
    runner = local_runner(wrong, table)
    table.put({"id": number})
    runner.run()
    assert runner.seed == "?"
"""


def test_workers_have_the_seed_that_was_drawn_for_all_and_their_stories_are_told(pytester: pytest.Pytester) -> None:
    # One test of it all: starting the workers takes seconds.
    pytester.makepyfile(test_it=TEST)
    result = pytester.runpytest_inprocess("-n2", "--strict-markers", "--streamkit-seed=random")
    result.assert_outcomes(failed=5)
    output = result.stdout.str()
    header = re.search(r"^streamkit: seed (\d+) \(--streamkit-seed=\1\)$", output, re.MULTILINE)
    assert header is not None
    again = re.findall(r"^the same run again: .* --streamkit-seed=(\d+)$", output, re.MULTILINE)
    assert again == [header[1]] * 4
    assert len(re.findall(r"^call 1  \+0s      INSERT id=\d: success$", output, re.MULTILINE)) == 4
    found = re.search(r"^pytest test_it\.py::test_simulated --streamkit-seed=(\d+)$", output, re.MULTILINE)
    assert found is not None
    assert 0 <= int(found[1]) - int(header[1]) < 50
    assert "with replay(" in output
