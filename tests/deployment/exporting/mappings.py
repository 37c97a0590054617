"""Mappings to be exported: every setting, and texts that are hostile to whoever quotes them."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from streamkit import EventSourceMapping
from streamkit.errors import FilterPatternWarning
from streamkit.settings import INTEGERS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DESTINATIONS",
    "EVERY_SETTING",
    "FUNCTIONS",
    "HOSTILE",
    "KEY",
    "MAPPINGS",
    "STREAM",
    "TEXTS",
    "made",
    "mappings",
]

STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
DESTINATIONS = {
    "SQS": "arn:aws:sqs:eu-west-1:123456789012:given-up",
    "SNS": "arn:aws:sns:eu-west-1:123456789012:given_up",
    "S3": "arn:aws:s3:::given.up",
}

# What ends a text, or begins something else, in HCL, YAML, Python, JSON, a shell, CloudFormation.
HOSTILE = (
    *('"', "'", "\\", "`", "$", "%", "{", "}", "${x}", "%{if}", "$${x}", "%%{", "${AWS::Region}", "{{resolve:ssm:x}}"),
    *("\n", "\r\n", "\t", "\x00", "\x07", "\x7f", "\x85", "\u2028", "\ufeff", "\u200b", "\U0001f600", "e\u0301", "é"),
    *("# no comment", ": ", "- ", "!Ref x", "&a", "*a", "|", ">", "yes", "null", "1e3", "0o17", "1:30", "~", " ", "@"),
    *('"""', "'''", "EOF\n", "$(id)", "\\u0041", "\\n", "'\"'\"'", "<<", "=", "[x]", ",", "?", "a b", "file://x"),
)
_LETTERS = st.characters(exclude_categories=["Cs"])
TEXTS = st.lists(st.sampled_from(HOSTILE) | _LETTERS, max_size=5).map("".join)


def made(settings: Mapping[str, Any]) -> EventSourceMapping:
    """Return the mapping, without a word of filters that never match."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FilterPatternWarning)
        return EventSourceMapping.model_validate(dict(settings))


def _pattern(name: str, values: list[str], ascii_only: bool, indent: int | None) -> str:
    pattern = {"dynamodb": {"NewImage": {name: {"S": values}}}, "eventName": ["INSERT"]}
    return json.dumps(pattern, ensure_ascii=ascii_only, indent=indent)


_PATTERNS = st.builds(
    _pattern, TEXTS, st.lists(TEXTS, min_size=1, max_size=3), st.booleans(), st.sampled_from([None, 1])
)
_FILTERS = st.lists(_PATTERNS, min_size=1, max_size=5).map(lambda some: {"Filters": [{"Pattern": one} for one in some]})
_AGES = st.just(-1) | st.integers(60, 604_800)
FUNCTIONS = st.sampled_from(["orders", "orders-stream_2", "orders:live"])
_INTEGERS = {
    name: _AGES if name == "maximum_record_age_in_seconds" else st.integers(one.low, one.high)
    for name, one in INTEGERS.items()
}


def mappings(tags: st.SearchStrategy[str], functions: st.SearchStrategy[str]) -> st.SearchStrategy[EventSourceMapping]:
    """Return mappings with any of the settings, which the others' defaults surround."""
    # Lambda takes no aws: in a tag's key, and neither key nor value is longer than this.
    keys = tags.map(lambda text: f"t{text}"[:128])
    common = {
        **_INTEGERS,
        "starting_position": st.sampled_from(["TRIM_HORIZON", "LATEST"]),
        "event_source_arn": st.just(STREAM),
        "function_name": functions,
        "enabled": st.booleans(),
        "bisect_batch_on_function_error": st.booleans(),
        "function_response_types": st.sampled_from([[], ["ReportBatchItemFailures"]]),
        "destination_config": st.sampled_from([*DESTINATIONS.values()]).map(
            lambda arn: {"OnFailure": {"Destination": arn}}
        ),
        "kms_key_arn": st.just(KEY),
        "metrics_config": st.just({"Metrics": ["EventCount"]}),
        "tags": st.dictionaries(keys, tags.map(lambda text: text[:256]), min_size=1, max_size=3),
        "filter_criteria": _FILTERS,
    }

    def sound(settings: dict[str, Any]) -> dict[str, Any]:
        if settings.get("tumbling_window_in_seconds"):
            settings = {**settings, "parallelization_factor": 1, "filter_criteria": None}
        return settings

    return st.fixed_dictionaries({}, optional=common).map(sound).map(made)


MAPPINGS = mappings(TEXTS, FUNCTIONS)
EVERY_SETTING: dict[str, Any] = {
    "starting_position": "LATEST",
    "event_source_arn": STREAM,
    "function_name": "orders:live",
    "enabled": False,
    "batch_size": 7,
    "maximum_batching_window_in_seconds": 3,
    "parallelization_factor": 2,
    "maximum_record_age_in_seconds": 600,
    "maximum_retry_attempts": 0,
    "bisect_batch_on_function_error": True,
    "function_response_types": ["ReportBatchItemFailures"],
    "destination_config": {"OnFailure": {"Destination": DESTINATIONS["SQS"]}},
    "filter_criteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
    "kms_key_arn": KEY,
    "metrics_config": {"Metrics": ["EventCount"]},
    "tags": {"team": "shop"},
}
