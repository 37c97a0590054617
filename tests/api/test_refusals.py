"""Refusals as they are sent."""

from __future__ import annotations

import json

import pytest

from streamkit.api.refusals import (
    Refusal,
    constraint,
    invalid_parameter,
    not_found,
    serialization,
    unknown_mapping,
    validation,
)


@pytest.mark.parametrize(
    ("refusal", "kind", "status", "body"),
    [
        (invalid_parameter("no"), "InvalidParameterValueException", 400, {"Type": "User", "message": "no"}),
        (serialization("no"), "SerializationException", 400, {"Type": "User", "message": "no"}),
        (not_found("no"), "ResourceNotFoundException", 404, {"Type": "User", "Message": "no"}),
        (Refusal("X", "no", 429, Reason="R"), "X", 429, {"Type": "User", "message": "no", "Reason": "R"}),
        (
            unknown_mapping(),
            "ResourceNotFoundException",
            404,
            {"Type": "User", "Message": "The resource you requested does not exist."},
        ),
        (
            validation(constraint(None, "a", "not be null"), constraint(5, "b", "be 6")),
            "ValidationException",
            400,
            {
                "Type": "User",
                "message": (
                    "2 validation errors detected: Value null at 'a' failed to satisfy constraint: Member must not be "
                    "null; Value '5' at 'b' failed to satisfy constraint: Member must be 6"
                ),
            },
        ),
    ],
)
def test_a_refusal_has_a_type_a_status_and_a_body(
    refusal: Refusal, kind: str, status: int, body: dict[str, str]
) -> None:
    assert (refusal.kind, refusal.status, json.loads(refusal.body())) == (kind, status, body)
    assert str(refusal).startswith(f"{kind}: ")


def test_whatever_it_quotes_it_can_be_sent() -> None:
    text = "half of a pair: \ud800"
    assert json.loads(invalid_parameter(text).body())["message"] == text
