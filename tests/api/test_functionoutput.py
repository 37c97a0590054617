from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import sys
import threading

from streamkit.api.functionoutput import output_kept, output_watched


def test_what_is_printed_is_shown_and_kept() -> None:
    shown, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(errors), output_watched():
        sys.stdout.write("before\n")
        with output_kept() as log:
            sys.stdout.write("one\n")
            sys.stdout.flush()
            sys.stderr.writelines(["two\n", "\udcff\n"])
            assert sys.stdout.writable()
        sys.stdout.write("after\n")
    assert log.take() == "one\ntwo\n\\udcff\n"
    assert (shown.getvalue(), errors.getvalue()) == ("before\none\nafter\n", "two\n\udcff\n")


def test_another_threads_output_is_not_kept() -> None:
    with contextlib.redirect_stdout(io.StringIO()), output_watched(), output_kept() as log:
        thread = threading.Thread(target=print, args=("elsewhere",))
        thread.start()
        thread.join()
        asyncio.run(asyncio.to_thread(print, "for it"))
    assert log.take() == "for it\n"


def test_afterwards_everything_is_as_it_was_and_who_kept_a_stream_can_write_to_it() -> None:
    shown = io.StringIO()
    with contextlib.redirect_stderr(shown):
        before = sys.stdout, sys.stderr
        with output_watched():
            assert (sys.stdout, sys.stderr) != before
            logger = logging.StreamHandler()
        assert (sys.stdout, sys.stderr) == before
        logger.emit(logging.makeLogRecord({"msg": "late"}))
    assert shown.getvalue() == "late\n"


def test_a_stream_that_somebody_has_replaced_meanwhile_stays() -> None:
    before, theirs = (sys.stdout, sys.stderr), io.StringIO()
    try:
        with output_watched():
            sys.stdout = sys.stderr = theirs
        assert (sys.stdout, sys.stderr) == (theirs, theirs)
    finally:
        sys.stdout, sys.stderr = before
