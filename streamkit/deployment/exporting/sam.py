"""SAM: a template with the function, its role and the mapping, ready to be deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.exporting.errors import ExportError
from streamkit.deployment.exporting.intrinsics import get_att, ref, sub
from streamkit.deployment.exporting.names import logical_id
from streamkit.deployment.exporting.templates import (
    mapping_properties,
    parameters,
    policy,
    shared_settings,
    stream,
)
from streamkit.deployment.exporting.writing import written

if TYPE_CHECKING:
    from streamkit.deployment.exporting.request import Request

__all__ = ["text"]

_LOGGING = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
_TYPES = {"sqs": "SQS", "sns": "SNS", "s3": "S3"}


def text(request: Request) -> str:
    """Return the template. Raises ExportError for a function that is a version, which no template can make."""
    function, role = logical_id(request, "Function"), logical_id(request, "Role")
    properties = _function(request, role)
    resources: dict[str, Any] = {
        function: {"Type": "AWS::Serverless::Function", "Properties": properties},
        # A role of its own: SAM's would be allowed to read every stream of the account.
        role: _role(request),
    }
    if request.mapping.tags:
        # An event of SAM has no tags.
        name = ref(f"{function}.Alias" if "AutoPublishAlias" in properties else function)
        resources[logical_id(request, "Mapping")] = {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": mapping_properties(request, name),
        }
    else:
        properties["Events"] = {"Stream": {"Type": "DynamoDB", "Properties": _event(request)}}
    return written(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Transform": "AWS::Serverless-2016-10-31",
            "Description": request.title,
            **parameters(request, function=False),
            "Resources": resources,
        },
        request.syntax,
    )


def _function(request: Request, role: str) -> dict[str, Any]:
    named: dict[str, Any] = {}
    if request.function:
        name, qualifier = request.function
        if qualifier.isdigit() or qualifier == "$LATEST":
            raise ExportError(
                f"FunctionName {request.mapping.function_name!r} names the version {qualifier}, and a SAM template "
                f"makes new ones: name the function, or an alias of it ({name}:live)"
            )
        named = {"FunctionName": name} | ({"AutoPublishAlias": qualifier} if qualifier else {})
    return named | {
        "Handler": request.handler,
        "Runtime": request.runtime,
        "CodeUri": request.code_uri,
        "Timeout": request.timeout,
        "Role": get_att(role, "Arn"),
    }


def _event(request: Request) -> dict[str, Any]:
    settings = shared_settings(request)
    if destination := request.mapping.on_failure_destination:
        # What SAM needs to add the permission, should the template come to do without a role of its own.
        kind = _TYPES[destination.split(":")[2]]
        settings["DestinationConfig"] = {"OnFailure": {"Type": kind, "Destination": destination}}
    return {"Stream": stream(request), **settings}


def _role(request: Request) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": ["lambda.amazonaws.com"]},
                        "Action": ["sts:AssumeRole"],
                    }
                ],
            },
            "ManagedPolicyArns": [sub(_LOGGING)],
            "Policies": [{"PolicyName": "Stream", "PolicyDocument": policy(request)}],
        },
    }
