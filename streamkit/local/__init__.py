"""The local runner: Lambda's event source mapping for a DynamoDB stream, on your machine, on a clock of its own."""

from streamkit.local.cascade import CascadeError
from streamkit.local.checkpoints import CheckpointFile, Checkpoints
from streamkit.local.clock import Clock, SystemClock, VirtualClock
from streamkit.local.destinations.destination import BucketDestination, Destination, MemoryDestination
from streamkit.local.destinations.discards import OnFailureRecord
from streamkit.local.engine import InvocationFailedError
from streamkit.local.invokers.faults import Fault, FaultRates, Faults, FunctionCrashedError, planned
from streamkit.local.invokers.inprocess import InProcessInvoker, ResponseError
from streamkit.local.invokers.invoker import Answer, FunctionTimeoutError, Invoker
from streamkit.local.journal import Fact, Journal, Listener
from streamkit.local.metrics import Metrics
from streamkit.local.records import RecordError
from streamkit.local.runner import LocalRunner, advance_together, run_together
from streamkit.local.sources.source import Source
from streamkit.local.sources.table import LocalTable
from streamkit.local.views import Invocation
from streamkit.local.windowlog import WindowRun

__all__ = [
    "Answer",
    "BucketDestination",
    "CascadeError",
    "CheckpointFile",
    "Checkpoints",
    "Clock",
    "Destination",
    "Fact",
    "Fault",
    "FaultRates",
    "Faults",
    "FunctionCrashedError",
    "FunctionTimeoutError",
    "InProcessInvoker",
    "Invocation",
    "InvocationFailedError",
    "Invoker",
    "Journal",
    "Listener",
    "LocalRunner",
    "LocalTable",
    "MemoryDestination",
    "Metrics",
    "OnFailureRecord",
    "RecordError",
    "ResponseError",
    "Source",
    "SystemClock",
    "VirtualClock",
    "WindowRun",
    "advance_together",
    "planned",
    "run_together",
]
