"""``streamkit simulate``: many schedules of what may happen, and an invariant after each."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import click

from streamkit.cli.errors import BadInput
from streamkit.cli.loading import load_attribute, load_handler
from streamkit.cli.settings import mapping_options, resolve_mapping

__all__ = ["simulate"]


@click.command()
@click.argument("target", metavar="MODULE:HANDLER")
@click.option(
    "--invariant",
    required=True,
    metavar="MODULE:FUNCTION",
    help="a function of table and runner, or of one of them, that raises where things are not as they should be",
)
@click.option(
    "--setup",
    metavar="MODULE:FUNCTION",
    help="makes the outside world anew before each schedule; without it, what the invariant reads is put back",
)
@click.option(
    "--world", multiple=True, metavar="MODULE:NAME", help="an object that outlives the function; may be given again"
)
@click.option(
    "--items",
    metavar="MODULE:NAME",
    help="what is written: an image type, a list of items, a function of random.Random; by default the handler's type",
)
@click.option(
    "--key", default="id", show_default=True, metavar="NAME[,NAME]", help="the table's key: partition key, sort key"
)
@click.option("--schedules", type=click.IntRange(1), default=1000, show_default=True, help="how many are tried")
@click.option("--seed", type=int, default=0, show_default=True, help="of the first schedule; the next has the next one")
@click.option("--mapping", "mapping_file", metavar="FILE", help="the mapping, as get-event-source-mapping answers")
@mapping_options
def simulate(  # noqa: PLR0913, PLR0917  # click passes each option by name
    target: str,
    invariant: str,
    setup: str | None,
    world: tuple[str, ...],
    items: str | None,
    key: str,
    schedules: int,
    seed: int,
    mapping_file: str | None,
    **settings: Any,
) -> None:
    """Hold an invariant against MODULE:HANDLER under many schedules, and show the smallest that breaks it.

    A schedule is what may happen on AWS: batches of any size, redelivery, crashes, time-outs, throttling, cold starts,
    calls of the handler's that fail, shards that split. What the handler prints and logs is not shown.

    The exit code is 0 if the invariant held after each schedule, 1 if it did not, 2 for input that cannot be used.
    """
    # Here and not above: no other command needs it.
    from streamkit.testing.making.walk import UnmakeableError  # noqa: PLC0415  # as above
    from streamkit.testing.simulation import SimulationError, SimulationFailedError  # noqa: PLC0415  # as above
    from streamkit.testing.simulation import simulate as simulated  # noqa: PLC0415  # as above

    with contextlib.redirect_stdout(sys.stderr):  # what modules print while they are imported
        handler = load_handler(target)
        names = key.split(",")
        found = {name: load_attribute(text) for name, text in (("setup", setup), ("items", items)) if text is not None}
        failure = result = None
        try:
            result = simulated(
                handler,
                load_attribute(invariant),
                schedules=schedules,
                seed=seed,
                key=names[0] if len(names) == 1 else tuple(names),
                mapping=resolve_mapping(handler, mapping_file, settings),
                world=[load_attribute(text) for text in world],
                **found,
            )
        except (SimulationError, UnmakeableError) as error:
            raise BadInput(str(error)) from None
        except SimulationFailedError as error:
            failure = error
    click.echo(f"{target}: {failure or result}")
    raise SystemExit(0 if failure is None else 1)
