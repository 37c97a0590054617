"""``streamkit serve``: Lambda's API for event source mappings on this machine."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import sys
import threading
import time
from typing import TYPE_CHECKING, NoReturn

import click

from streamkit.cli.errors import BadInput
from streamkit.cli.loading import load_handler
from streamkit.errors import StreamkitError
from streamkit.local.streams.livestream import POLL_INTERVAL
from streamkit.local.texts import printable
from streamkit.local.window import CLOSE_DELAY

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["serve"]

_PORT = 9301
_LAST_THREADS = 1.0
"""Seconds that threads have to end after the server did."""
_REGION = re.compile(r"[a-z]{2}[a-z0-9-]{3,30}", re.ASCII)


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=_PORT, show_default=True, help="0 is any that is free")
@click.option(
    "--function",
    "function_options",
    multiple=True,
    metavar="NAME=MODULE:ATTRIBUTE",
    help="a function; NAME may carry an alias (orders:live) and be a whole ARN. Several times for several",
)
@click.option("--functions", "functions_file", metavar="FILE", help="functions as JSON, under CreateFunction's names")
@click.option("--state", metavar="FILE", help="keep mappings and checkpoints in FILE: the next serve goes on")
@click.option(
    "--invoker",
    type=click.Choice(["awslambdaric", "in-process"]),
    default="awslambdaric",
    show_default=True,
    help="where functions run: in processes of Lambda's runtime, or here, one call at a time, for breakpoints",
)
@click.option(
    "--timeout", type=click.IntRange(1, 900), metavar="SECONDS", help="Timeout of functions without one [default: 3]"
)
@click.option("--account-id", metavar="ID", help="of ARNs [default: 123456789012]")
@click.option(
    "--region", metavar="REGION", help="of requests that are not signed [default: AWS_REGION, else us-east-1]"
)
@click.option(
    "--transition-seconds",
    metavar="SECONDS",
    type=float,
    default=1.0,
    show_default=True,
    help="how long Creating, Updating, … last at the least",
)
@click.option(
    "--poll-interval",
    type=float,
    default=POLL_INTERVAL,
    show_default=True,
    metavar="SECONDS",
    help="between two polls of a shard that has nothing new",
)
@click.option(
    "--window-close-delay",
    type=float,
    default=CLOSE_DELAY.total_seconds(),
    show_default=True,
    metavar="SECONDS",
    help="how long after its end a tumbling window without later records is closed",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="another address lets everybody who reaches it run these functions: nobody is asked for credentials",
)
def serve(  # noqa: PLR0913, PLR0917  # click passes each option by name
    port: int,
    function_options: Sequence[str],
    functions_file: str | None,
    state: str | None,
    invoker: str,
    timeout: int | None,
    account_id: str | None,
    region: str | None,
    transition_seconds: float,
    poll_interval: float,
    window_close_delay: float,
    host: str,
) -> None:
    """Serve Lambda's API for event source mappings, so that the AWS CLI and boto3 manage them here.

    Mappings run for real: streams, queues, topics and buckets are found by AWS_ENDPOINT_URL_DYNAMODB_STREAMS,
    AWS_ENDPOINT_URL_SQS and their like. It is ready when it prints its address; Ctrl-C or SIGTERM ends it, finishing
    what is in flight; once more ends it at once.
    """
    try:
        from streamkit.api import starting  # noqa: PLC0415  # an extra
        from streamkit.api.service import ServiceOptions  # noqa: PLC0415  # as above
    except ImportError as error:
        raise BadInput(
            f"streamkit serve needs {error.name}, which is not installed: pip install 'streamkit-dynamodb[api]'"
        ) from None
    _check_numbers(poll_interval, window_close_delay, transition_seconds)
    settings = starting.ServerSettings(
        host=host,
        port=port,
        functions=function_options,
        functions_file=functions_file,
        account=account_id,
        timeout=timeout,
        in_process=invoker == "in-process",
        service=ServiceOptions(
            region=_region(region),
            state=state,
            transition_seconds=transition_seconds,
            poll_interval=poll_interval,
            window_close_delay=window_close_delay,
            loopback=_is_loopback(host),
        ),
    )
    before = set(threading.enumerate())
    try:
        starting.run_server(settings, load_handler, _say, _ready)
    except StreamkitError as error:
        raise BadInput(str(error)) from None
    except KeyboardInterrupt:
        _say("stopped at once: what was in flight is delivered again, where there is a state file")
        _leave(130, before)
    _leave(0, before)


def _ready(address: str) -> None:
    click.echo(f"streamkit serve: listening on {address}")


def _say(line: str) -> None:
    # Who reads the log may be gone, a closed terminal or `head`: the mappings go on.
    with contextlib.suppress(OSError, ValueError):
        click.echo(printable(line), err=True)


def _leave(code: int, before: Collection[threading.Thread]) -> NoReturn:
    """End the process. ``before``: the threads that it had when the server began.

    A function in this process that runs on would keep it from ending for ever.
    """
    until = time.monotonic() + _LAST_THREADS
    # Daemons, too: what concurrent.futures began is waited for at the end of a process, whatever it is.
    mine = [thread for thread in threading.enumerate() if thread not in before]
    for thread in mine:
        thread.join(max(0.0, until - time.monotonic()))
    if any(thread.is_alive() for thread in mine):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _check_numbers(poll_interval: float, window_close_delay: float, transition_seconds: float) -> None:
    if not 0 < poll_interval <= 60:  # noqa: PLR2004  # a minute
        raise BadInput(f"--poll-interval takes seconds above 0, up to 60, not {poll_interval!r}")
    if not 0 <= window_close_delay <= 86_400:  # noqa: PLR2004  # a day
        raise BadInput(f"--window-close-delay takes seconds from 0 to 86400, not {window_close_delay!r}")
    if not 0 <= transition_seconds <= 600:  # noqa: PLR2004  # ten minutes
        raise BadInput(f"--transition-seconds takes seconds from 0 to 600, not {transition_seconds!r}")


def _region(given: str | None) -> str:
    region = given or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    if _REGION.fullmatch(region) is None:
        raise BadInput(f"{region!r} is no region: expected one like us-east-1, in --region or AWS_REGION")
    return region


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
