"""A test that what is deployed fits the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamkit.deployment.checking.check import check_mappings
from streamkit.deployment.checking.choosing import choose
from streamkit.deployment.checking.finding import Finding
from streamkit.deployment.checking.handlerfacts import facts_of, own_mapping
from streamkit.deployment.checking.reporting import report_text
from streamkit.deployment.found import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from streamkit.deployment.found import FoundMapping

__all__ = ["Finding", "TemplateError", "check_deployment"]


def check_deployment(  # noqa: PLR0913  # all but the first have defaults
    handler: Callable[..., Any],
    template: str | Path | Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
    function: str | None = None,
    parameters: Mapping[str, str] | None = None,
    ignore: Collection[str] = (),
    strict: bool = False,
) -> list[Finding]:
    """Assert that what is deployed fits a handler's code, as ``streamkit check`` does; return the warnings.

    ``template``: a file, SAM, CloudFormation, a Terraform plan as JSON, or the JSON of ``get-event-source-mapping``; or
    that answer itself, as boto3 gives it. Without one the handler's own settings are looked at.

    ``name``: what it is called on Lambda (``app.handler``), by default its module and name. ``function``: which
    function of the template it is, where its Handler does not tell. ``parameters``: of the template, by default their
    defaults. ``ignore``: rules to leave out. ``strict``: warnings count as errors.

    Raises AssertionError with the findings and what to change, ValueError for a rule that there is not, `TemplateError`
    for a file that is no deployment of a mapping.
    """
    __tracebackhide__ = True
    called = None if name is None else ":".join(name.replace(":", ".").rpartition(".")[::2])
    mappings = _mappings(handler, template, called, function, parameters)
    report = check_mappings(handler, mappings, name=called, ignore=ignore)
    if not report.fits(strict=strict):
        raise AssertionError(report_text(report, strict=strict))
    return list(report.findings)


def _mappings(
    handler: Callable[..., Any],
    template: str | Path | Mapping[str, Any] | None,
    name: str | None,
    function: str | None,
    parameters: Mapping[str, str] | None,
) -> list[FoundMapping]:
    if template is None:
        return [own_mapping(facts_of(handler, name))]
    from streamkit.deployment.reading import read_template  # noqa: PLC0415  # it imports a YAML parser
    from streamkit.deployment.reading.answers import answered  # noqa: PLC0415  # as above

    if isinstance(template, Mapping):
        found, file = answered(dict(template), "mapping"), "the mapping"
    else:
        found, file = read_template(template, parameters), str(template)
    return choose(found, file, handler, name=name, function=function)
