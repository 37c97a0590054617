"""Whatever a deployment says, there is a report of it; and what a finding says to write mends it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from streamkit.deployment.checking.finding import Finding
from streamkit.deployment.checking.reporting import report_data, report_text
from streamkit.deployment.checking.subject import PYTHON_NAMES
from streamkit.deployment.found import FoundFunction, FoundMapping, FoundTable, Place, Statement, Unknown
from streamkit.settings import NOT_FOR_DYNAMODB
from tests.deployment.checking import app
from tests.deployment.checking.deployments import check, deployed
from tests.deployment.checking.faults import FAULTY

HANDLERS = st.sampled_from(
    [app.orders, app.batch, app.quick, app.revenue, app.strict_revenue, app.exact, app.named, app.careful, app.plain]
)
UNKNOWNS = st.builds(Unknown, st.sampled_from(["!Ref A", "var.a"]), st.sampled_from(["", "arn:${P}:sqs:${R}:${A}:q"]))
TEXTS = st.sampled_from(
    ["", "a", "10", "TRIM_HORIZON", "arn:aws:sqs:a:1:b.fifo", '{"eventName": ["INSERT"]}', "{}", "["]
)
KEYS = st.sampled_from(["OnFailure", "Destination", "OnSuccess", "Filters", "Pattern", "Metrics", "Type"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 100_000) | st.floats(allow_nan=False) | TEXTS | UNKNOWNS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*PYTHON_NAMES, *NOT_FOR_DYNAMODB, "UUID", "State", "Frequency"])
STATEMENTS = st.builds(
    Statement,
    st.lists(st.sampled_from(["*", "dynamodb:*", "dynamodb:GetRecords", "sqs:SendMessage"]), max_size=2),
    st.lists(st.sampled_from(["*", "arn:aws:sqs:*"]) | UNKNOWNS, max_size=2),
    st.sampled_from(["Allow", "Deny"]),
)
PLACES = st.builds(
    Place, st.sampled_from(["t.yaml", "t.json"]), st.sampled_from(["", "aws_lambda_event_source_mapping.a"])
)
FUNCTIONS = st.builds(
    FoundFunction,
    st.just("Orders"),
    PLACES,
    st.none() | st.sampled_from(["app.orders", "", ".", "a/b", "/"]) | UNKNOWNS,
    st.none() | st.integers(0, 900) | UNKNOWNS,
    st.none() | st.lists(STATEMENTS, max_size=3),
    st.none() | st.just("orders") | UNKNOWNS,
)
TABLES = st.builds(
    FoundTable, st.just("Table"), PLACES, st.none() | st.sampled_from(["KEYS_ONLY", "NEW_IMAGE", "?"]) | UNKNOWNS
)
FOUND = st.builds(
    FoundMapping,
    st.just("Orders.Stream"),
    PLACES,
    st.dictionaries(NAMES, VALUES, max_size=6),
    st.none() | FUNCTIONS,
    st.none() | TABLES,
)


@given(handler=HANDLERS, found=FOUND)
def test_whatever_is_deployed_there_is_a_report_of_it(handler: Any, found: FoundMapping) -> None:
    report = check(handler, found)
    assert report_text(report)
    assert json.loads(json.dumps(report_data(report)))["errors"] == report.count("error")
    assert [one.severity for one in report.findings] == sorted(one.severity for one in report.findings)
    assert all(one.what and one.why and one.change for one in report.findings)


def mended(found: FoundMapping, one: Finding) -> FoundMapping | None:
    """Return what a finding makes of a mapping, None where it does not name settings."""
    try:
        written = yaml.safe_load(one.change)
    except yaml.YAMLError:
        return None
    if not isinstance(written, dict):
        return None
    if "Timeout" in written and found.function is not None:
        return replace(found, function=replace(found.function, timeout=written["Timeout"]))
    if written.keys() <= PYTHON_NAMES.keys():
        return replace(found, settings={**found.settings, **written})
    return None


SETTINGS = [
    (rule, handler, found)
    for rule, handler, found in FAULTY
    # A misspelt name has to be taken away besides.
    if mended(found, check(handler, found).findings[0]) is not None and "BatchSise" not in found.settings
]


@pytest.mark.parametrize(("rule", "handler", "found"), SETTINGS, ids=[str(number) for number in range(len(SETTINGS))])
def test_what_findings_say_to_write_makes_it_fit(rule: str, handler: Any, found: FoundMapping) -> None:
    # The queue of an example is none that a role allows.
    assert found.function is not None
    better: FoundMapping | None = replace(found, function=replace(found.function, statements=None))
    for _ in range(2):  # what is mended may let another fault come to light
        assert better is not None
        findings = check(handler, better).findings
        for one in findings:
            assert better is not None
            better = mended(better, one)
    assert better is not None
    assert [str(one) for one in check(handler, better).findings] == []


def test_most_rules_name_settings_to_write() -> None:
    assert len({rule for rule, _, _ in SETTINGS}) > 15
    assert mended(deployed(), Finding("a", "error", "b", Place("c", ""), "", "", "a: b: c", "")) is None
