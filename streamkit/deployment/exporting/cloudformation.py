"""CloudFormation: a template with the mapping and the policy; the function and its role are made elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.deployment.exporting.intrinsics import ref
from streamkit.deployment.exporting.names import logical_id
from streamkit.deployment.exporting.templates import mapping_properties, parameters, policy
from streamkit.deployment.exporting.writing import written

if TYPE_CHECKING:
    from streamkit.deployment.exporting.request import Request

__all__ = ["text"]


def text(request: Request) -> str:
    """Return the template."""
    name = logical_id(request, "StreamPolicy")
    return written(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": request.title,
            **parameters(request, function=True),
            "Resources": {
                name: {
                    "Type": "AWS::IAM::Policy",
                    "Properties": {
                        "PolicyName": name,
                        "PolicyDocument": policy(request),
                        "Roles": [ref("RoleName")],
                    },
                },
                logical_id(request, "Mapping"): {
                    "Type": "AWS::Lambda::EventSourceMapping",
                    # Lambda refuses a mapping whose function cannot read the stream yet.
                    "DependsOn": name,
                    "Properties": mapping_properties(request, request.mapping.function_name or ref("FunctionName")),
                },
            },
        },
        request.syntax,
    )
