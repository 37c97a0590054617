"""SAM's policy templates: what they allow of what a mapping needs (SEMANTICS §9)."""

from __future__ import annotations

from streamkit.deployment.reading.forms import ACCOUNT

__all__ = ["POLICY_TEMPLATES", "WITHOUT_EFFECT"]

_STREAMS = f"arn:${{AWS::Partition}}:dynamodb:{ACCOUNT}:table/<TableName>/stream/"
_BUCKET = "arn:${AWS::Partition}:s3:::<BucketName>"
_KEY = f"arn:${{AWS::Partition}}:kms:{ACCOUNT}:key/<KeyId>"
_TOPIC = f"arn:${{AWS::Partition}}:sns:{ACCOUNT}:<TopicName>"
_QUEUE = f"arn:${{AWS::Partition}}:sqs:{ACCOUNT}:<QueueName>"

POLICY_TEMPLATES: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
    "DynamoDBStreamReadPolicy": (
        (("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"), (f"{_STREAMS}<StreamName>",)),
        (("dynamodb:ListStreams",), (f"{_STREAMS}*",)),
    ),
    "KMSDecryptPolicy": ((("kms:Decrypt",), (_KEY,)),),
    "KMSEncryptPolicy_v2": ((("kms:GenerateDataKey",), (_KEY,)),),
    "S3CrudPolicy": ((("s3:PutObject", "s3:ListBucket"), (_BUCKET, f"{_BUCKET}/*")),),
    "S3FullAccessPolicy": ((("s3:PutObject",), (f"{_BUCKET}/*",)), (("s3:ListBucket",), (_BUCKET,))),
    "S3ReadPolicy": ((("s3:ListBucket",), (_BUCKET, f"{_BUCKET}/*")),),
    "S3WritePolicy": ((("s3:PutObject",), (_BUCKET, f"{_BUCKET}/*")),),
    "SNSCrudPolicy": ((("sns:Publish",), (f"{_TOPIC}*",)),),
    "SNSPublishMessagePolicy": ((("sns:Publish",), (_TOPIC,)),),
    "SQSSendMessagePolicy": ((("sqs:SendMessage",), (_QUEUE,)),),
}
"""Actions and resources by the template's name, with ``<Argument>`` for its arguments."""

WITHOUT_EFFECT = frozenset(
    # One string, so that seventy names do not take seventy lines.
    """
    AMIDescribePolicy AWSSecretsManagerGetSecretValuePolicy AWSSecretsManagerRotationPolicy
    AcmGetCertificatePolicy AthenaQueryPolicy CloudFormationDescribeStacksPolicy CloudWatchDashboardPolicy
    CloudWatchDescribeAlarmHistoryPolicy CloudWatchPutMetricPolicy CodeCommitCrudPolicy CodeCommitReadPolicy
    CodePipelineLambdaExecutionPolicy CodePipelineReadOnlyPolicy ComprehendBasicAccessPolicy
    CostExplorerReadOnlyPolicy DynamoDBBackupFullAccessPolicy DynamoDBCrudPolicy DynamoDBReadPolicy
    DynamoDBReconfigurePolicy DynamoDBRestoreFromBackupPolicy DynamoDBWritePolicy EC2CopyImagePolicy
    EC2DescribePolicy EFSWriteAccessPolicy EKSDescribePolicy EcsRunTaskPolicy
    ElasticMapReduceAddJobFlowStepsPolicy ElasticMapReduceCancelStepsPolicy
    ElasticMapReduceModifyInstanceFleetPolicy ElasticMapReduceModifyInstanceGroupsPolicy
    ElasticMapReduceSetTerminationProtectionPolicy ElasticMapReduceTerminateJobFlowsPolicy
    ElasticsearchHttpPostPolicy EventBridgePutEventsPolicy FilterLogEventsPolicy FirehoseCrudPolicy
    FirehoseWritePolicy KMSEncryptPolicy KinesisCrudPolicy KinesisStreamReadPolicy LambdaInvokePolicy
    MobileAnalyticsWriteOnlyAccessPolicy OrganizationsListAccountsPolicy PinpointEndpointAccessPolicy
    PollyFullAccessPolicy RekognitionDetectOnlyPolicy RekognitionFacesManagementPolicy RekognitionFacesPolicy
    RekognitionLabelsPolicy RekognitionNoDataAccessPolicy RekognitionReadPolicy RekognitionWriteOnlyAccessPolicy
    Route53ChangeResourceRecordSetsPolicy SESBulkTemplatedCrudPolicy SESBulkTemplatedCrudPolicy_v2 SESCrudPolicy
    SESEmailTemplateCrudPolicy SESSendBouncePolicy SQSPollerPolicy SSMParameterReadPolicy
    SSMParameterWithSlashPrefixReadPolicy SageMakerCreateEndpointConfigPolicy SageMakerCreateEndpointPolicy
    ServerlessRepoReadWriteAccessPolicy StepFunctionsCallbackPolicy StepFunctionsExecutionPolicy
    StepFunctionsExecutionPolicy_v2 TextractDetectAnalyzePolicy TextractGetResultPolicy TextractPolicy
    VPCAccessPolicy
""".split()  # noqa: SIM905  # see above
)
"""Those that allow nothing of it."""
