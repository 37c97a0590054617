"""``--invoker``: where the function runs."""

from __future__ import annotations

import contextlib
import functools
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from streamkit.cli.errors import BadInput
from streamkit.cli.loading import load_handler
from streamkit.local.aws import AwsAccess, AwsAccessError
from streamkit.local.invokers.lambdaruntime import LambdaRuntime, RuntimeUnavailableError
from streamkit.local.invokers.remote import RemoteFunction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamkit.local.invokers.invoker import ConcurrentInvoker

__all__ = ["Invoking", "OpenedInvoker", "invoker_options", "opened_invoker"]


@dataclass(frozen=True, slots=True)
class Invoking:
    """What the options say."""

    invoker: str | None = None
    runtime_command: str | None = None
    memory: int | None = None
    concurrency: int | None = None
    lambda_endpoint_url: str | None = None

    @property
    def kind(self) -> str:
        """Which invoker it is: a runtime command has processes of its own without being asked."""
        return self.invoker or ("in-process" if self.runtime_command is None else "awslambdaric")


class OpenedInvoker(NamedTuple):
    """Where the function runs."""

    runs: Callable[..., Any] | ConcurrentInvoker
    """What a LocalRunner takes as its handler."""
    handler: Callable[..., Any] | None
    """The handler as it was imported, for the settings of its mapping; None where it is not."""


def invoker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as ``invoking``, an `Invoking`."""

    @functools.wraps(command)
    def collected(
        *arguments: Any,
        invoker: str | None,
        runtime_command: str | None,
        memory: int | None,
        concurrency: int | None,
        lambda_endpoint_url: str | None,
        **options: Any,
    ) -> Any:
        invoking = Invoking(invoker, runtime_command, memory, concurrency, lambda_endpoint_url)
        return command(*arguments, invoking=invoking, **options)

    added = [
        click.option(
            "--invoker",
            type=click.Choice(["in-process", "awslambdaric", "remote"]),
            help="where the function runs: here, in processes of Lambda's runtime, or elsewhere through Lambda's API "
            "(then MODULE:HANDLER is its name or ARN)",
        ),
        click.option(
            "--runtime-command",
            metavar="TEXT",
            help="another runtime client, as in a shell; it gets MODULE:HANDLER as it stands, in _HANDLER",
        ),
        click.option(
            "--memory", type=int, metavar="MB", help="the function's MemorySize: processes with more are killed"
        ),
        click.option(
            "--concurrency", type=int, metavar="N", help="the function's reserved concurrency: more is throttled"
        ),
        click.option("--lambda-endpoint-url", metavar="URL", help="where Lambda's API is, for --invoker remote"),
    ]
    wrapped: Callable[..., Any] = collected
    for option in reversed(added):
        wrapped = option(wrapped)
    return wrapped


@contextlib.contextmanager
def opened_invoker(
    target: str, invoking: Invoking, timeout: float, access: AwsAccess | None = None
) -> Iterator[OpenedInvoker]:
    """Give what runs ``target``, and end it afterwards.

    ``timeout``: the function's Timeout, in seconds; ``access``: region and profile of a remote function.

    Raises BadInput for a function or settings that cannot be used, click's UsageError for an option that the invoker
    does not have.
    """
    _check(invoking)
    if invoking.kind == "in-process":
        handler = load_handler(target)
        yield OpenedInvoker(handler, handler)
        return
    imported = None
    try:
        if invoking.kind == "remote":
            access = replace(access or AwsAccess(), endpoint_url=invoking.lambda_endpoint_url)
            opened: ConcurrentInvoker = RemoteFunction(target, access=access, timeout=timeout)
        else:
            if invoking.runtime_command is None:
                imported = load_handler(target)
            opened = _runtime(target, invoking, timeout)
    except (AwsAccessError, RuntimeUnavailableError) as error:
        raise BadInput(str(error)) from None
    except ValueError as error:
        # The name of a setting comes first, as in Python.
        name, space, rest = str(error).partition(" ")
        option = {"memory_mb": "--memory", "timeout": "--timeout", "concurrency": "--concurrency"}.get(name)
        raise BadInput(f"{option or name}{space}{rest}") from None
    with contextlib.closing(opened):
        yield OpenedInvoker(opened, imported)


def _runtime(target: str, invoking: Invoking, timeout: float) -> LambdaRuntime:
    command = None
    if invoking.runtime_command is not None:
        try:
            command = shlex.split(invoking.runtime_command)
        except ValueError as error:
            raise BadInput(f"--runtime-command {invoking.runtime_command}: {error}") from None
        if not command:
            raise BadInput("--runtime-command takes a program and its arguments, as in a shell; it is empty")
    return LambdaRuntime(
        target, command=command, timeout=timeout, memory_mb=invoking.memory, concurrency=invoking.concurrency
    )


def _check(invoking: Invoking) -> None:
    own_processes = "functions in processes of their own: add --invoker awslambdaric, or leave it out"
    refusals = [
        ("--runtime-command", invoking.runtime_command, "awslambdaric", own_processes),
        ("--memory", invoking.memory, "awslambdaric", own_processes),
        ("--concurrency", invoking.concurrency, "awslambdaric", own_processes),
        (
            "--lambda-endpoint-url",
            invoking.lambda_endpoint_url,
            "remote",
            "--invoker remote: add that, or leave it out",
        ),
    ]
    for option, given, kind, why in refusals:
        if given is not None and invoking.kind != kind:
            raise click.UsageError(f"{option} is for {why}")
