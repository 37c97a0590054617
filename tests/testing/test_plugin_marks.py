"""``@pytest.mark.streamkit(...)``: settings of one test, of a class, of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

APP = """
from streamkit import Change, stream_handler

@stream_handler(batch_size=5, maximum_retry_attempts=2)
def handler(change: Change) -> None:
    pass
"""

TEST = """
import pytest
from app import handler

pytestmark = pytest.mark.streamkit(batch_size=4, seed=9)

def test_the_file_is_marked(local_table, local_runner):
    runner = local_runner(handler, local_table("orders"))
    assert (runner.mapping.batch_size, runner.mapping.maximum_retry_attempts, runner.seed) == (4, 2, 9)

@pytest.mark.streamkit(shards=2, view_type="KEYS_ONLY", batch_size=3, faults={1: "throttle"})
class TestMarked:
    def test_class(self, local_table, local_runner):
        table = local_table("orders")
        assert (len(table.shard_ids), table.view_type) == (2, "KEYS_ONLY")
        runner = local_runner(lambda event, context: None, table)
        table.put({"id": 1})
        runner.run()
        assert [invocation.outcome for invocation in runner.invocations] == ["throttled", "success"]
        assert (runner.mapping.batch_size, runner.seed) == (3, 9)

    @pytest.mark.streamkit(batch_size=2, shards=1)
    def test_method(self, local_table, local_runner):
        table = local_table("orders")
        assert (len(table.shard_ids), table.view_type) == (1, "KEYS_ONLY")
        assert local_runner(handler, table).mapping.batch_size == 2

    def test_what_the_test_says_counts(self, local_table, local_runner):
        table = local_table("orders", shards=3)
        assert len(table.shard_ids) == 3
        runner = local_runner(lambda event, context: None, table, {"BatchSize": 1}, seed=5, faults=None)
        assert (runner.mapping.batch_size, runner.seed) == (1, 5)
        table.put({"id": 1})
        runner.run()
        assert [invocation.outcome for invocation in runner.invocations] == ["success"]
"""


def test_the_nearest_mark_counts_and_what_the_test_says_before_all_of_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(app=APP, test_it=TEST)
    result = pytester.runpytest_inprocess("--strict-markers", "-W", "error")
    result.assert_outcomes(passed=4)


def test_the_marks_are_known(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--markers")
    result.stdout.fnmatch_lines(
        [
            "@pytest.mark.streamkit([*][*]settings): settings of local_table, local_runner and the mapping.",
            "@pytest.mark.simulate(handler=handler, [*][*]settings): hold the test, an invariant, against a handler *",
        ]
    )


def test_a_wrong_mark_is_an_error_of_the_test_in_words_alone_even_where_no_fixture_reads_it(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.streamkit(BatchSize=1)
        def test_it():
            pass

        def test_other():
            pass
        """
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["@pytest.mark.streamkit knows no BatchSize (is batch_size meant?). Of a table: *"])
    result.stdout.no_fnmatch_line("*plugin.py*")
    result.stdout.fnmatch_lines(["ERROR test_it.py::test_it - @pytest.mark.streamkit knows no BatchSize*"])


def test_a_real_table_refuses_what_a_mark_says_as_it_would_the_tests_own_words(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.streamkit(shards=2, key={"id": "N"})
        def test_it(local_table):
            local_table("orders")
        """
    )
    result = pytester.runpytest_inprocess("--streamkit=dynamodb")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*RealTableError: table 'orders' has shards=2: DynamoDB alone decides*"])
