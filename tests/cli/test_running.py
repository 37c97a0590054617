"""What every command that runs a handler has in common."""

from __future__ import annotations

import logging
import sqlite3
from typing import NoReturn

import click
import pytest

from streamkit.cli.errors import BadInput
from streamkit.cli.running import own_log_quiet, refusals_told, tried, troubles_told
from streamkit.local.records import RecordError


def raising(error: BaseException) -> NoReturn:
    raise error


def test_a_run_that_goes_well_has_no_failure() -> None:
    assert tried(lambda: None, fail_fast=True) is None


def test_with_fail_fast_the_handlers_exception_is_the_failure() -> None:
    error = ValueError("price")
    assert tried(lambda: raising(error), fail_fast=True) is error


@pytest.mark.parametrize(
    ("error", "fail_fast"),
    [
        (ValueError("ours"), False),
        (KeyboardInterrupt(), True),
        (BadInput("no disk"), True),
        (click.exceptions.Exit(130), True),
    ],
)
def test_what_is_not_the_handlers_is_raised(error: BaseException, fail_fast: bool) -> None:
    with pytest.raises(type(error)):
        tried(lambda: raising(error), fail_fast)


def test_a_refused_argument_is_told_by_the_options_name() -> None:
    with pytest.raises(BadInput, match=r"^--window-close-delay takes seconds$"), refusals_told(None):
        raising(ValueError("window_close_delay takes seconds"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (sqlite3.OperationalError("database or disk is full"), "--checkpoint c.db cannot be written: database or disk"),
        (RecordError("no Keys"), "the stream holds something that is none of its records: no Keys"),
    ],
)
def test_what_ends_the_following_of_a_stream_is_told(error: Exception, said: str) -> None:
    with pytest.raises(BadInput, match=f"^{said}"), troubles_told("c.db"):
        raising(error)


def test_streamkits_own_log_is_quiet_for_so_long_and_no_longer(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("streamkit")
    with own_log_quiet():
        log.warning("retried")
    log.warning("heard")
    assert caplog.messages == ["heard"]
