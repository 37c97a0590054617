"""Terraform's configuration: what it says is the mapping, in the provider's own names, as `terraform fmt` leaves it."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hcl2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamkit.deployment.exporting import ExportError, export
from streamkit.deployment.exporting.hcl import Block, quoted, written
from streamkit.deployment.permissions import statements_for
from tests.deployment.exporting.mappings import DESTINATIONS, KEY, STREAM, TEXTS, made, mappings
from tests.deployment.exporting.reading import alike

if TYPE_CHECKING:
    from streamkit import EventSourceMapping

ARGUMENTS = json.loads(
    (Path(__file__).parents[2] / "data" / "terraform" / "arguments.json").read_text(encoding="utf-8")
)
NAMES = {
    "kms_key_arn": "kms_key_arn",
    **{name: name for name in ("batch_size", "enabled", "event_source_arn", "function_name", "starting_position")},
}
NORMAL = TEXTS.map(lambda text: unicodedata.normalize("NFC", text))
MAPPINGS = mappings(NORMAL, st.sampled_from(["orders", "orders:live"]))
EVERYTHING = made(
    {
        "starting_position": "LATEST",
        "destination_config": {"OnFailure": {"Destination": DESTINATIONS["SNS"]}},
        "filter_criteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}] * 2},
        "kms_key_arn": KEY,
        "metrics_config": {"Metrics": ["EventCount"]},
        "tags": {"team": "shop", "ü": "ß", "a b": "c"},
    }
)


def _loaded(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = hcl2.loads(text)
    return loaded


def _blocks(loaded: dict[str, Any], kind: str, resource: str) -> list[dict[str, Any]]:
    """Return the bodies of all blocks of a kind and a type."""
    found = [one for block in loaded.get(kind, []) for name, one in block.items() if name == f'"{resource}"']
    return [body for one in found for body in one.values()]


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def _text(raw: str) -> str:
    """Return what HCL's text says, by the language's specification."""

    def unescaped(match: re.Match[str]) -> str:
        token = match[0]
        assert token.startswith("\\"), f"{raw} is a template"
        return chr(int(f"0x{token[2:]}", 0)) if token[1] in "uU" else _ESCAPES[token[1]]

    assert raw[0] == raw[-1] == '"'
    return re.sub(r"\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\.|[$%]\{", unescaped, raw[1:-1], flags=re.DOTALL)


def _value(value: Any) -> Any:
    if isinstance(value, str) and value.startswith('"'):
        return _text(value)
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, dict):
        return {_text(name): _value(one) for name, one in value.items()}
    return value


def _read_back(text: str) -> EventSourceMapping:
    """Return the mapping of a configuration."""
    (body,) = _blocks(_loaded(text), "resource", "aws_lambda_event_source_mapping")
    said = {name: value for name, value in body.items() if name not in ("__is_block__", "depends_on")}
    nested = {
        name: said.pop(name) for name in ("destination_config", "filter_criteria", "metrics_config") if name in said
    }
    values = {name: _value(value) for name, value in said.items()}
    if "destination_config" in nested:
        arn = _text(nested["destination_config"][0]["on_failure"][0]["destination_arn"])
        values["destination_config"] = {"OnFailure": {"Destination": arn}}
    if "filter_criteria" in nested:
        patterns = [_text(one["pattern"]) for one in nested["filter_criteria"][0]["filter"]]
        values["filter_criteria"] = {"Filters": [{"Pattern": pattern} for pattern in patterns]}
    if "metrics_config" in nested:
        values["metrics_config"] = {"Metrics": _value(nested["metrics_config"][0]["metrics"])}
    unknown = [name for name, value in values.items() if isinstance(value, str) and value.startswith("${")]
    return made({name: value for name, value in values.items() if name not in unknown})


@settings(max_examples=40)
@given(mapping=MAPPINGS, everything=st.booleans())
def test_what_is_read_back_is_the_mapping(mapping: EventSourceMapping, everything: bool) -> None:
    assert alike(_read_back(export("terraform", mapping, everything=everything)), mapping)


@given(text=TEXTS)
def test_a_text_says_what_it_is_and_is_no_template(text: str) -> None:
    assert _text(quoted(text)) == text


@pytest.mark.parametrize("mapping", [made({}), EVERYTHING, made({**EVERYTHING.settings(), "event_source_arn": STREAM})])
@pytest.mark.parametrize("table_name", [None, "orders"])
@pytest.mark.parametrize("everything", [False, True])
def test_every_argument_is_one_that_the_provider_documents(
    mapping: EventSourceMapping, table_name: str | None, everything: bool
) -> None:
    options: Any = {"table_name": table_name} if table_name else {}
    loaded = _loaded(export("terraform", mapping, everything=everything, **options))
    used = {
        (kind, label.strip('"')): one
        for kind in ("resource", "data")
        for block in loaded.get(kind, [])
        for label, one in block.items()
    }
    assert set(loaded) <= {"resource", "data", "variable", "__comments__"}
    for (kind, resource), bodies in used.items():
        for body in bodies.values():
            _check_arguments(body, ARGUMENTS[kind][resource], "")
    for variable in loaded["variable"]:
        for body in variable.values():
            _check_arguments(body, ARGUMENTS["variable"], "")


def _check_arguments(body: dict[str, Any], documented: dict[str, list[str]], path: str) -> None:
    for name, value in body.items():
        if name == "__is_block__":
            continue
        assert name in documented[path], f"{path or 'the block'} has no argument {name}"
        below = f"{path}.{name}".lstrip(".")
        for one in value if isinstance(value, list) else []:
            if isinstance(one, dict):
                _check_arguments(one, documented, below)


def test_the_lists_of_arguments_have_what_was_looked_for() -> None:
    with pytest.raises(AssertionError, match="has no argument max_retries"):
        _check_arguments({"max_retries": 1}, ARGUMENTS["resource"]["aws_lambda_event_source_mapping"], "")


@pytest.mark.parametrize("destination", DESTINATIONS.values())
def test_the_policy_is_the_least_that_is_needed(destination: str) -> None:
    mapping = made({"event_source_arn": STREAM, "destination_config": {"OnFailure": {"Destination": destination}}})
    loaded = _loaded(export("terraform", mapping))
    (document,) = _blocks(loaded, "data", "aws_iam_policy_document")
    assert [(_value(one["actions"]), _value(one["resources"])) for one in document["statement"]] == [
        ([*one.actions], [*one.resources]) for one in statements_for(mapping)
    ]
    (policy,) = _blocks(loaded, "resource", "aws_iam_role_policy")
    assert policy["policy"] == "${data.aws_iam_policy_document.handler.json}"
    assert policy["role"] == "${var.handler_role_name}"


def test_what_nobody_said_is_a_variable() -> None:
    loaded = _loaded(export("terraform", made({})))
    variables = [name.strip('"') for one in loaded["variable"] for name in one]
    assert variables == [f"handler_{one}" for one in ("stream_arn", "function_name", "role_name", "starting_position")]
    (document,) = _blocks(loaded, "data", "aws_iam_policy_document")
    assert [one["resources"] for one in document["statement"]] == [
        ["${var.handler_stream_arn}"],
        ['"${split("/stream/", var.handler_stream_arn)[0]}/stream/*"'],
    ]


def test_exports_of_several_functions_go_into_one_module() -> None:
    texts = [export("terraform", made({"function_name": name})) for name in ("orders", "shop-orders")]
    loaded = _loaded("\n".join(texts))
    variables = [name for one in loaded["variable"] for name in one]
    assert len(variables) == len(set(variables)) == 6


def test_of_a_table_the_stream_is_looked_up() -> None:
    loaded = _loaded(export("terraform", made({"function_name": "shop-orders"}), table_name="orders"))
    assert _blocks(loaded, "data", "aws_dynamodb_table") == [{"name": '"orders"', "__is_block__": True}]
    (body,) = _blocks(loaded, "resource", "aws_lambda_event_source_mapping")
    assert body["event_source_arn"] == "${data.aws_dynamodb_table.shop_orders.stream_arn}"
    (document,) = _blocks(loaded, "data", "aws_iam_policy_document")
    assert document["statement"][1]["resources"] == ['"${data.aws_dynamodb_table.shop_orders.arn}/stream/*"']


def test_texts_that_terraform_would_change_are_escaped_in_patterns_and_refused_in_tags() -> None:
    pattern = '{"eventName": ["e\u0301", "\U0001f600"]}'
    text = export("terraform", made({"filter_criteria": {"Filters": [{"Pattern": pattern}]}}))
    assert r"e\\u0301" in text
    assert r"\\ud83d\\ude00" in text
    assert alike(_read_back(text), made({"filter_criteria": {"Filters": [{"Pattern": pattern}]}}))
    for tags in ({"a": "e\u0301"}, {"e\u0301": "a"}):
        with pytest.raises(ExportError, match=r"is not in Unicode's form NFC, .*e\\u0301"):
            export("terraform", made({"tags": tags}))


def test_a_configuration_reads_like_one_that_somebody_wrote() -> None:
    text = export("terraform", EVERYTHING, handler="shop.app.handler")
    resource = text[text.index('resource "aws_lambda') :]
    assert resource == RESOURCE
    assert text.startswith(
        "# The event source mapping of shop.app.handler, as streamkit export terraform writes it.\n\n"
    )


RESOURCE = r"""resource "aws_lambda_event_source_mapping" "handler" {
  function_name     = var.handler_function_name
  event_source_arn  = var.handler_stream_arn
  starting_position = "LATEST"
  kms_key_arn       = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  tags = {
    "team"   = "shop"
    "\u00fc" = "ß"
    "a b"    = "c"
  }

  destination_config {
    on_failure {
      destination_arn = "arn:aws:sns:eu-west-1:123456789012:given_up"
    }
  }

  filter_criteria {
    filter {
      pattern = "{\"eventName\": [\"INSERT\"]}"
    }

    filter {
      pattern = "{\"eventName\": [\"INSERT\"]}"
    }
  }

  metrics_config {
    metrics = ["EventCount"]
  }

  depends_on = [aws_iam_role_policy.handler]
}
"""


def test_a_list_that_does_not_fit_on_a_line_has_a_line_for_each() -> None:
    block = Block("locals", (), {"a": 1, "names": ["x" * 60, "y" * 60], "bb": 2, "c": 3})
    assert written([block], "Two lines\nof comment.") == (
        f'# Two lines\n# of comment.\n\nlocals {{\n  a = 1\n  names = [\n    "{"x" * 60}",\n    "{"y" * 60}",\n  ]\n'
        f"  bb = 2\n  c  = 3\n}}\n"
    )
