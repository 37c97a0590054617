"""SAM: functions with Globals, events of type DynamoDB, and the policies of the role that SAM makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import Statement, Unknown
from streamkit.deployment.reading.cloudformation.policytemplates import POLICY_TEMPLATES, WITHOUT_EFFECT
from streamkit.deployment.reading.cloudformation.roles import inline_statements, managed_statements
from streamkit.deployment.reading.forms import form_of, joined
from streamkit.deployment.reading.policies import anything, statements_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.deployment.reading.cloudformation.evaluating import Evaluator

__all__ = ["connector_statements", "events_of", "function_properties", "generated_by", "policy_statements"]

_DESTINATIONS = {
    "SQS": (("sqs:SendMessage", ""),),
    "SNS": (("sns:Publish", ""),),
    "S3": (("s3:PutObject", "/*"), ("s3:ListBucket", "")),
}
_LETTERS = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}


def function_properties(evaluator: Evaluator, logical_id: str, defaults: Any) -> dict[str, Any]:
    """Return a function's properties with those of Globals beneath them, as SAM merges the two."""
    shared = _object(_object(defaults).get("Function"))
    return _merged(shared, evaluator.properties(logical_id))


def generated_by(evaluator: Evaluator, logical_id: str, defaults: Any) -> dict[str, str | Unknown]:
    """Return what Ref gives of the alias that SAM makes for a function with AutoPublishAlias, by its two names.

    SAM gives it to the function's events as well. It is the alias's ARN; where the function's name is known it is told
    as NAME:ALIAS here, which is the same function to Lambda.
    """
    alias = evaluator.value(function_properties(evaluator, logical_id, defaults).get("AutoPublishAlias"))
    if not isinstance(alias, str | Unknown):
        return {}
    name = evaluator.name(logical_id)
    if isinstance(name, str) and isinstance(alias, str):
        target: str | Unknown = f"{name}:{alias}"
    else:
        arn = f"{form_of(evaluator.attribute(logical_id, 'Arn', ''))}:{form_of(alias)}"
        target = evaluator.pseudo(arn, f"!Ref {logical_id}.Alias")
    return {f"{logical_id}.Alias": target, f"{logical_id}Alias{form_of(alias)}": target}


def connector_statements(evaluator: Evaluator, logical_id: str) -> list[Statement]:
    """Return what SAM's connectors may allow a function beyond its role's policies: those that it is an end of."""
    found = []
    for other, resource in evaluator.resources.items():
        ends: list[Any] = []
        if evaluator.type_of(other) == "AWS::Serverless::Connector":
            ends += [evaluator.properties(other)]
        own = _object(_object(resource).get("Connectors"))
        ends += [{"Source": {"Id": other}, **_object(_object(one).get("Properties"))} for one in own.values()]
        for one in ends:
            others = one.get("Destination")
            named = [one.get("Source"), *(others if isinstance(others, list) else [others])]
            if logical_id in [_object(end).get("Id") for end in named]:
                found.append(anything(f"what a connector of {other} allows"))
    return found


def _merged(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    found = dict(shared)
    for name, value in own.items():
        below = shared.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            found[name] = _merged(below, value)
        elif isinstance(below, list) and isinstance(value, list):
            found[name] = [*below, *value]
        else:
            found[name] = value
    return found


def events_of(events: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the properties of each event of type DynamoDB."""
    for name, event in _object(events).items():
        if _object(event).get("Type") == "DynamoDB":
            yield name, _object(event.get("Properties"))


def policy_statements(evaluator: Evaluator, logical_id: str, properties: dict[str, Any]) -> list[Statement]:
    """Return what the role allows that SAM makes for a function: its Policies, and what SAM adds of its own accord.

    SAM adds the right to read a stream for an event, and to send to the destination of one that says of which Type
    that is; nothing to a role that the template names (so this is not for those).
    """
    found: list[Statement] = []
    for _, event in events_of(properties.get("Events")):
        found += managed_statements(evaluator, ["AWSLambdaDynamoDBExecutionRole"], logical_id)
        found += _of_destination(evaluator, event.get("DestinationConfig"))
    letters = evaluator.value(properties.get("DeadLetterQueue"))
    found += [
        _allow(action, letters.get("TargetArn"))
        for kind, action in _LETTERS.items()
        if isinstance(letters, dict) and letters.get("Type") == kind
    ]
    policies = evaluator.value(properties.get("Policies"))
    for policy in policies if isinstance(policies, list) else [] if policies is None else [policies]:
        found += _of_policy(evaluator, policy, logical_id)
    return found


def _of_destination(evaluator: Evaluator, config: Any) -> list[Statement]:
    on_failure = _object(_object(evaluator.value(config)).get("OnFailure"))
    kind = on_failure.get("Type")
    destination = on_failure.get("Destination")
    rights = _DESTINATIONS.get(kind, ()) if isinstance(kind, str) else ()
    return [_allow(action, _below(destination, suffix)) for action, suffix in rights]


def _of_policy(evaluator: Evaluator, policy: Any, logical_id: str) -> list[Statement]:
    """Return what one of a function's Policies allows: a managed policy, a policy template, or statements."""
    if isinstance(policy, str | Unknown):
        return managed_statements(evaluator, [policy], logical_id)
    if isinstance(policy, dict) and "Statement" in policy:
        return statements_of(policy, f"a policy of {logical_id}")
    if isinstance(policy, dict) and "PolicyDocument" in policy:
        return inline_statements(evaluator, [policy], logical_id)
    if isinstance(policy, dict) and len(policy) == 1:
        ((name, arguments),) = policy.items()
        if name in WITHOUT_EFFECT:
            return []
        if name in POLICY_TEMPLATES:
            given = _object(arguments)
            return [
                Statement(actions, tuple(_filled(evaluator, resource, given) for resource in resources))
                for actions, resources in POLICY_TEMPLATES[name]
            ]
        return [anything(f"what the policy template {name} of {logical_id} allows")]
    return [anything(f"what the policies of {logical_id} allow: {policy}")]


def _filled(evaluator: Evaluator, resource: str, arguments: dict[str, Any]) -> str | Unknown:
    """Return the ARN of a policy template with its arguments."""
    for name, value in arguments.items():
        resource = resource.replace(f"<{name}>", form_of(value))
    return evaluator.pseudo(resource, resource)


def _allow(action: str, resource: Any) -> Statement:
    return Statement((action,), (resource if isinstance(resource, str | Unknown) else Unknown(str(resource)),))


def _below(resource: Any, suffix: str) -> Any:
    return joined([resource, suffix], f"{resource}{suffix}") if suffix else resource


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
