"""The seed of runners and simulations: given by hand or drawn, and printed with what failed."""

from __future__ import annotations

import re

import pytest

TEST = """
import pytest

def test_fails(local_table, local_runner):
    runner = local_runner(lambda event, context: None, local_table("orders"))
    table = local_table("orders")
    assert runner.seed == -1

def test_own(local_table, local_runner):
    assert local_runner(lambda event, context: None, local_table("orders"), seed=3).seed == 3
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(test_it=TEST)
    return pytester


def test_without_the_option_runners_have_their_own_seed_and_a_failure_says_how_to_have_it_again(
    project: pytest.Pytester,
) -> None:
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("streamkit: *seed*")
    result.stdout.fnmatch_lines(
        [
            "*- streamkit: local_runner(handler) on orders, seed 0 -*",
            "nothing happened: the runner was not run, or its stream has no record to be read",
            "the same run again: pytest test_it.py::test_fails --streamkit-seed=0",
        ]
    )


def test_the_option_is_the_seed_of_every_runner_that_is_given_none(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--streamkit-seed=7")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "streamkit: seed 7 (--streamkit-seed=7)",
            "*- streamkit: local_runner(handler) on orders, seed 7 -*",
            "the same run again: pytest test_it.py::test_fails --streamkit-seed=7",
        ]
    )
    project.runpytest_inprocess("--streamkit-seed=-1").assert_outcomes(passed=2)


def drawn(output: str) -> int:
    found = re.search(r"^streamkit: seed (\d+) \(--streamkit-seed=\1\)$", output, re.MULTILINE)
    assert found is not None
    return int(found[1])


def test_a_seed_that_was_drawn_is_told_and_has_the_run_again(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--streamkit-seed=random")
    seed = drawn(result.stdout.str())
    result.stdout.fnmatch_lines([f"the same run again: pytest test_it.py::test_fails --streamkit-seed={seed}"])
    other = drawn(project.runpytest_inprocess("--streamkit-seed=random").stdout.str())
    assert other != seed  # but once in four thousand million times


def test_the_command_for_the_same_run_names_the_ways_too(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--streamkit=awslambdaric,in-process", "-k", "test_fails and in-process")
    result.stdout.fnmatch_lines(
        [
            (
                "the same run again: pytest 'test_it.py::test_fails?in-process?' --streamkit=in-process,awslambdaric "
                "--streamkit-seed=0"
            )
        ]
    )


@pytest.mark.parametrize("given", ["seven", "1.5", "", "--1"])
def test_another_seed_is_refused(given: str, project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess(f"--streamkit-seed={given}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--streamkit-seed takes a whole number, or random; given was '{given}'"])
