"""The local runner: Lambda's event source mapping for a DynamoDB stream, on your machine, on a clock of its own."""

from streamkit.local.aws import AwsAccess, AwsAccessError
from streamkit.local.cascade import CascadeError
from streamkit.local.checkpoints import CheckpointFile, Checkpoints
from streamkit.local.clock import Clock, SystemClock, VirtualClock
from streamkit.local.destinations.arns import aws_destination
from streamkit.local.destinations.bucket import S3Destination
from streamkit.local.destinations.destination import (
    BucketDestination,
    Destination,
    DestinationError,
    MemoryDestination,
)
from streamkit.local.destinations.directory import DirectoryDestination
from streamkit.local.destinations.discards import OnFailureRecord
from streamkit.local.destinations.queue import QueueDestination
from streamkit.local.destinations.topic import TopicDestination
from streamkit.local.engine import InvocationFailedError
from streamkit.local.invokers.faults import Fault, FaultRates, Faults, FunctionCrashedError, planned
from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.inprocess import InProcessInvoker, ResponseError
from streamkit.local.invokers.invoker import Answer, ConcurrentInvoker, FunctionTimeoutError, Invoker
from streamkit.local.invokers.lambdaruntime import LambdaRuntime, RuntimeUnavailableError
from streamkit.local.invokers.remote import RemoteFunction
from streamkit.local.journal import Fact, Journal, Listener
from streamkit.local.metrics import Metrics
from streamkit.local.records import RecordError
from streamkit.local.runner import LocalRunner, advance_together, run_together
from streamkit.local.sources.dynamotable import DynamoTable, RealTableError
from streamkit.local.sources.source import LiveSource, Source
from streamkit.local.sources.table import LocalTable
from streamkit.local.streams.client import StreamAskError
from streamkit.local.streams.livestream import LiveStream
from streamkit.local.views import Invocation
from streamkit.local.windowlog import WindowRun

__all__ = [
    "Answer",
    "AwsAccess",
    "AwsAccessError",
    "BucketDestination",
    "CascadeError",
    "CheckpointFile",
    "Checkpoints",
    "Clock",
    "ConcurrentInvoker",
    "Destination",
    "DestinationError",
    "DirectoryDestination",
    "DynamoTable",
    "Fact",
    "Fault",
    "FaultRates",
    "Faults",
    "FunctionCrashedError",
    "FunctionError",
    "FunctionTimeoutError",
    "InProcessInvoker",
    "Invocation",
    "InvocationFailedError",
    "Invoker",
    "Journal",
    "LambdaRuntime",
    "Listener",
    "LiveSource",
    "LiveStream",
    "LocalRunner",
    "LocalTable",
    "MemoryDestination",
    "Metrics",
    "OnFailureRecord",
    "QueueDestination",
    "RealTableError",
    "RecordError",
    "RemoteFunction",
    "ResponseError",
    "RuntimeUnavailableError",
    "S3Destination",
    "Source",
    "StreamAskError",
    "SystemClock",
    "TopicDestination",
    "VirtualClock",
    "WindowRun",
    "advance_together",
    "aws_destination",
    "planned",
    "run_together",
]
