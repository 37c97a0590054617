"""``streamkit check``: whether what is deployed fits the code."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from streamkit.cli.checkreport import rich_report
from streamkit.cli.errors import BadInput
from streamkit.cli.loading import load_handler
from streamkit.deployment.checking.check import RULES, check_mappings
from streamkit.deployment.checking.choosing import choose
from streamkit.deployment.checking.handlerfacts import facts_of, own_mapping
from streamkit.deployment.checking.reporting import report_data, report_text
from streamkit.deployment.found import TemplateError
from streamkit.local.aws import AwsAccess, AwsAccessError
from streamkit.local.deployed import read_deployed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streamkit.deployment.found import FoundMapping

__all__ = ["check"]


@dataclass(frozen=True, slots=True)
class _Deployment:
    """What the options name."""

    template: str | None
    mapping: str | None
    deployed: str | None
    function: str | None
    parameters: Mapping[str, str]
    endpoint_url: str | None
    region: str | None
    profile: str | None

    def __post_init__(self) -> None:
        given = [f"--{name}" for name in ("template", "mapping", "deployed") if getattr(self, name) is not None]
        if len(given) > 1:
            raise click.UsageError(f"{' and '.join(given)} are different deployments: check one at a time")
        if self.function is not None and not self.template and not self.mapping:
            raise click.UsageError(
                "--function chooses among the mappings of --template FILE: add that, or leave it out"
            )
        if self.parameters and not self.template:
            raise click.UsageError("--parameter is for the parameters of --template FILE: add that, or leave it out")
        if self.deployed is None and (self.endpoint_url or self.region or self.profile):
            raise click.UsageError(
                "--endpoint-url, --region and --profile are for --deployed UUID: add that, or leave them out"
            )

    def mappings(self, handler: Callable[..., Any], target: str) -> Sequence[FoundMapping]:
        """Return the mappings to look at; TemplateError or AwsAccessError where they cannot be had."""
        file = self.template or self.mapping
        if file is not None:
            from streamkit.deployment.reading import read_template  # noqa: PLC0415  # it imports a YAML parser

            mappings = read_template(file, self.parameters)
            return choose(mappings, file, handler, name=target, function=self.function)
        if self.deployed is not None:
            return [read_deployed(self.deployed, AwsAccess(self.endpoint_url, self.region, self.profile))]
        return [own_mapping(facts_of(handler, target))]


def _as_parameters(_context: click.Context, _option: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    for one in given:
        if not one.partition("=")[0] or "=" not in one:
            raise click.UsageError(f"--parameter {one}: expected NAME=VALUE, for example --parameter Stage=prod")
    return dict(one.split("=", 1) for one in given)


@click.command()
@click.argument("target", metavar="MODULE:HANDLER")
@click.option("--template", metavar="FILE", help="SAM, CloudFormation (YAML or JSON), or a Terraform plan as JSON")
@click.option("--mapping", metavar="FILE", help="JSON, as aws lambda get-event-source-mapping answers")
@click.option("--deployed", metavar="UUID", help="ask Lambda for this mapping")
@click.option(
    "--function", metavar="NAME", help="of the template: which function's mappings, where Handler does not tell"
)
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_as_parameters,
    help="of the template, where the default is not what is deployed; more than once for several",
)
@click.option(
    "--endpoint-url", metavar="URL", help="of Lambda, for --deployed; else AWS_ENDPOINT_URL_LAMBDA …, else AWS"
)
@click.option("--region", metavar="REGION", help="else AWS_REGION, else the AWS configuration")
@click.option("--profile", metavar="NAME", help="of the AWS configuration")
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULE",
    type=click.Choice([rule.name for rule in RULES]),
    help="leave a rule out; more than once for several",
)
@click.option("--strict", is_flag=True, help="warnings count as errors")
@click.option("--json", "as_json", is_flag=True, help="print the report as JSON")
def check(target: str, *, ignore: tuple[str, ...], strict: bool, as_json: bool, **given: Any) -> None:
    """Say whether what is deployed fits the code of MODULE:HANDLER.

    Deployed is what --template, --mapping or --deployed names; without any of them the handler's own settings are
    looked at. Exit code 0: it fits (there may be warnings); 1: it does not; 2: the input cannot be used.
    """
    deployment = _Deployment(**given)
    # What a module prints while it is imported must not get into the JSON.
    with contextlib.redirect_stdout(sys.stderr):
        handler = load_handler(target)
        try:
            mappings = deployment.mappings(handler, target)
        except (AwsAccessError, TemplateError) as error:
            raise BadInput(str(error)) from None
        report = check_mappings(handler, mappings, name=target, ignore=ignore)
    if as_json:
        click.echo(json.dumps(report_data(report, strict=strict), indent=2))
    elif _is_terminal():
        Console().print(rich_report(report, strict=strict))
    else:
        click.echo(report_text(report, strict=strict))
    if not report.fits(strict=strict):
        raise click.exceptions.Exit(1)


def _is_terminal() -> bool:
    return sys.stdout.isatty()
