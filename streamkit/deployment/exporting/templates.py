"""What SAM's and CloudFormation's templates have in common: parameters, the mapping's properties, the policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from streamkit.deployment.exporting.chosen import chosen_settings, no_references
from streamkit.deployment.exporting.intrinsics import Intrinsic, ref, sub
from streamkit.deployment.exporting.policies import policy_document
from streamkit.deployment.permissions import STREAM

if TYPE_CHECKING:
    from streamkit.deployment.exporting.request import Request
    from streamkit.deployment.found import Unknown

__all__ = ["mapping_properties", "parameters", "policy", "shared_settings", "stream"]

_FUNCTION = r"[a-zA-Z0-9_:$-]+"
_ROLE = r"[\w+=,.@-]{1,64}"


def parameters(request: Request, *, function: bool) -> dict[str, Any]:
    """Return what is asked for when the template is deployed.

    ``function``: whether the function is made elsewhere, so that it and its role are asked for too.
    """
    asked: dict[str, Any] = {}
    mapping = request.mapping
    if mapping.event_source_arn is None:
        table = request.table_name or "NAME"
        names = re.escape(request.table_name) if request.table_name else r"[a-zA-Z0-9_.-]{3,255}"
        asked["StreamArn"] = _text_parameter(
            f"The stream to read. aws dynamodb describe-table --table-name {table} --query Table.LatestStreamArn",
            rf"arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{{12}}:table/{names}/stream/.+",
            f"a stream's ARN, arn:aws:dynamodb:REGION:ACCOUNT:table/{table}/stream/LABEL",
        )
    if function and mapping.function_name is None:
        asked["FunctionName"] = _text_parameter(
            "The function that gets the records", _FUNCTION, "a function's name or ARN, with or without qualifier"
        )
    if function:
        asked["RoleName"] = _text_parameter(
            "The function's execution role, which is allowed to read the stream", _ROLE, "a role's name, not its ARN"
        )
    if mapping.starting_position is None:
        asked["StartingPosition"] = {
            "Type": "String",
            "Description": "TRIM_HORIZON reads the oldest record that the stream holds first, LATEST only new ones",
            "AllowedValues": ["TRIM_HORIZON", "LATEST"],
        }
    return {"Parameters": asked} if asked else {}


def _text_parameter(description: str, pattern: str, expected: str) -> dict[str, Any]:
    return {
        "Type": "String",
        "Description": description,
        "AllowedPattern": pattern,
        "ConstraintDescription": expected,
    }


def shared_settings(request: Request) -> dict[str, Any]:
    """Return the settings as properties, for SAM's event as for CloudFormation's resource."""
    settings = no_references(chosen_settings(request))
    if "KMSKeyArn" in settings:
        settings = {("KmsKeyArn" if name == "KMSKeyArn" else name): value for name, value in settings.items()}
    return {"StartingPosition": request.mapping.starting_position or ref("StartingPosition"), **settings}


def stream(request: Request) -> Any:
    """Return the stream's ARN, or the parameter for it."""
    return request.mapping.event_source_arn or ref("StreamArn")


def mapping_properties(request: Request, function: Any) -> dict[str, Any]:
    """Return the properties of an AWS::Lambda::EventSourceMapping."""
    settings = shared_settings(request)
    if "Tags" in settings:
        settings["Tags"] = [{"Key": key, "Value": value} for key, value in settings["Tags"].items()]
    return {"FunctionName": function, "EventSourceArn": stream(request), **settings}


def policy(request: Request) -> dict[str, Any]:
    """Return the policy of the function's role."""
    return policy_document(request.mapping, lambda one: _asked(one, request))


def _asked(one: Unknown, request: Request) -> Any:
    if one == STREAM:
        return ref("StreamArn")
    if request.table_name:
        own = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}"
        return sub(f"{own}:table/{request.table_name}/stream/*")
    table = Intrinsic("Select", [0, Intrinsic("Split", ["/stream/", ref("StreamArn")])])
    return Intrinsic("Sub", ["${Table}/stream/*", {"Table": table}])
