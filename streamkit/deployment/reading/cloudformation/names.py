"""What ``Ref`` and ``Fn::GetAtt`` give of a resource: names and ARNs, as far as a template tells them."""

from __future__ import annotations

from typing import NamedTuple

from streamkit.deployment.reading.forms import ACCOUNT

__all__ = ["KINDS", "Kind"]


class Kind(NamedTuple):
    """How resources of a type are called."""

    name: str
    """The property that has the resource's name."""
    arn: str
    """The ARN's form, with NAME for the name and ID for the logical id."""
    ref: str = "NAME"
    """What Ref gives."""
    attributes: tuple[tuple[str, str], ...] = ()
    """What Fn::GetAtt gives besides Arn."""


_TABLE = f"arn:${{AWS::Partition}}:dynamodb:{ACCOUNT}:table/NAME"
_QUEUE = f"arn:${{AWS::Partition}}:sqs:{ACCOUNT}:NAME"
_TOPIC = f"arn:${{AWS::Partition}}:sns:{ACCOUNT}:NAME"
_FUNCTION = f"arn:${{AWS::Partition}}:lambda:{ACCOUNT}:function:NAME"
_BUCKET = "arn:${AWS::Partition}:s3:::NAME"
_ROLE = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/NAME"
_POLICY = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/NAME"
_KEY = f"arn:${{AWS::Partition}}:kms:{ACCOUNT}:key/${{ID}}"
_KINESIS = f"arn:${{AWS::Partition}}:kinesis:{ACCOUNT}:stream/NAME"

_OF_TABLES = Kind("TableName", _TABLE, "NAME", (("StreamArn", f"{_TABLE}/stream/${{ID.StreamLabel}}"),))

KINDS = {
    "AWS::DynamoDB::GlobalTable": _OF_TABLES,
    "AWS::DynamoDB::Table": _OF_TABLES,
    "AWS::IAM::ManagedPolicy": Kind("ManagedPolicyName", _POLICY, _POLICY, (("PolicyArn", _POLICY),)),
    "AWS::IAM::Role": Kind("RoleName", _ROLE),
    "AWS::KMS::Key": Kind("", _KEY, "${ID}", (("KeyId", "${ID}"),)),
    "AWS::Kinesis::Stream": Kind("Name", _KINESIS),
    "AWS::Lambda::Function": Kind("FunctionName", _FUNCTION),
    "AWS::S3::Bucket": Kind("BucketName", _BUCKET),
    "AWS::SNS::Topic": Kind("TopicName", _TOPIC, _TOPIC, (("TopicArn", _TOPIC), ("TopicName", "NAME"))),
    "AWS::SQS::Queue": Kind("QueueName", _QUEUE, "${ID.QueueUrl}", (("QueueName", "NAME"),)),
    "AWS::Serverless::Function": Kind("FunctionName", _FUNCTION),
    "AWS::Serverless::SimpleTable": Kind("TableName", _TABLE),
}
"""By type. Of all others every attribute is unknown."""
