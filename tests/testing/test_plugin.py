from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from streamkit.local import Invocation
from streamkit.testing import plugin

TEST = """
def test_way(streamkit_way, local_table, local_runner):
    assert streamkit_way == "in-process"
    table = local_table("orders")
    runner = local_runner(lambda event, context: None, table)
    table.put({"id": 1})
    runner.run()
    assert [invocation.outcome for invocation in runner.invocations] == ["success"]

def test_other():
    pass
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(TEST)
    return pytester


def test_by_default_tests_run_in_process_and_their_names_are_what_they_were(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*::test_way PASSED*"])
    result.stdout.no_fnmatch_line("streamkit: *")


def test_one_other_way_leaves_the_names_too(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("-v", "--streamkit", "awslambdaric")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["streamkit: awslambdaric", "*::test_way FAILED*"])


@pytest.mark.parametrize(
    "options",
    [
        ("--streamkit=awslambdaric,in-process",),
        ("--streamkit", "in-process", "--streamkit", "awslambdaric,in-process"),
        ("-o", "streamkit=in-process, awslambdaric"),
    ],
)
def test_several_ways_run_each_test_that_uses_them_in_each(options: tuple[str, ...], project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("-v", *options)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "streamkit: in-process, awslambdaric",
            "*::test_way?in-process? PASSED*",
            "*::test_way?awslambdaric? FAILED*",
            "*::test_other PASSED*",
        ]
    )


def test_the_option_counts_before_the_ini_file(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nstreamkit = awslambdaric dynamodb\n")
    assert project.runpytest_inprocess("--streamkit=in-process").parseoutcomes() == {"passed": 2}


@pytest.mark.parametrize(("given", "told"), [("ray", "'ray'"), (",", "nothing"), ("dynamodb,x,y", "'x', 'y'")])
def test_another_way_is_refused(given: str, told: str, project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess(f"--streamkit={given}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--streamkit*takes in-process, awslambdaric, dynamodb; given was {told}"])


def test_pytest_starts_without_the_runner_and_without_boto3(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_light():
            heavy = ("streamkit.local", "boto3", "botocore", "awslambdaric", "pydantic")
            assert [name for name in heavy if name in sys.modules] == []
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1)


def test_an_assertion_is_pytests_own_matter_while_there_is_no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plugin.pytest_assertrepr_compare("==", [invocation()], []) == ["1 invocation == []", "no records: success"]
    monkeypatch.delitem(sys.modules, "streamkit.local.runner")
    assert plugin.pytest_assertrepr_compare("==", [invocation()], []) is None


def invocation() -> Invocation:
    return Invocation("shard", [], "id", 1, datetime.now(UTC), {}, None, None, "success", "because")
