"""A server from its first line to its last: what `streamkit serve` runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamkit.api.functiondefinitions import FunctionDefinitionError, function_option
from streamkit.api.functionfiles import read_functions
from streamkit.api.functionmodel import DEFAULT_TIMEOUT
from streamkit.api.functionoutput import output_watched
from streamkit.api.functions import DEFAULT_ACCOUNT, Functions
from streamkit.api.server import ended_by_signals, listening_socket, serve
from streamkit.api.service import ServiceOptions, service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamkit.api.functiondefinitions import FunctionDefinition

__all__ = ["ServerSettings", "run_server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What the command line says."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 is any that is free."""
    functions: Sequence[str] = ()
    """Each ``NAME=MODULE:ATTRIBUTE``."""
    functions_file: str | None = None
    account: str | None = None
    timeout: int | None = None
    """Of functions that have none of their own, in seconds."""
    in_process: bool = False
    service: ServiceOptions = field(default_factory=ServiceOptions)


def run_server(
    settings: ServerSettings,
    load: Callable[[str], Callable[..., Any]],
    say: Callable[[str], None],
    ready: Callable[[str], object],
) -> None:
    """Serve until SIGINT or SIGTERM. ``ready`` gets the address when the first request can come.

    ``load``: see `Functions`; ``say`` gets the lines of the log, from any thread.

    Raises StreamkitError for what cannot be served: functions, an address, a state file; KeyboardInterrupt after a
    second signal, when nothing was waited for.
    """
    with ended_by_signals(), output_watched():
        functions = Functions(
            _definitions(settings),
            load,
            account=settings.account or DEFAULT_ACCOUNT,
            timeout=settings.timeout or DEFAULT_TIMEOUT,
            in_process=settings.in_process,
        )
        with (
            functions,
            listening_socket(settings.host, settings.port) as listening,
            service(functions, settings.service, say) as application,
        ):
            for name, target in functions.targets():
                say(f"function {name}: {target}")
            if not settings.service.loopback:
                say(f"warning: everybody who reaches {settings.host} can run these functions")
            if settings.service.state is None:
                say("note: without --state FILE mappings and checkpoints are gone when this ends")
            address = _url(settings.host, listening.getsockname()[1])
            serve(application, listening, lambda: ready(address))
            say("ending: what is in flight is finished")


def _definitions(settings: ServerSettings) -> list[FunctionDefinition]:
    definitions = [function_option(text) for text in settings.functions]
    if settings.functions_file is not None:
        definitions += read_functions(settings.functions_file)
    if not definitions:
        raise FunctionDefinitionError(
            "no function is named: give --function NAME=MODULE:ATTRIBUTE (orders=app:handler), or --functions FILE"
        )
    return definitions


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
