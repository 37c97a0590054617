"""The local runner: Lambda's event source mapping for a DynamoDB stream, on your machine, on a clock of its own."""

from streamkit.local.clock import Clock, SystemClock, VirtualClock
from streamkit.local.destinations import Destination, MemoryDestination
from streamkit.local.discards import OnFailureRecord
from streamkit.local.invokers import Answer, InProcessInvoker, Invoker, ResponseError
from streamkit.local.journal import Fact, Journal, Listener
from streamkit.local.records import RecordError
from streamkit.local.runner import InvocationFailedError, LocalRunner
from streamkit.local.source import Source
from streamkit.local.table import LocalTable
from streamkit.local.views import Invocation

__all__ = [
    "Answer",
    "Clock",
    "Destination",
    "Fact",
    "InProcessInvoker",
    "Invocation",
    "InvocationFailedError",
    "Invoker",
    "Journal",
    "Listener",
    "LocalRunner",
    "LocalTable",
    "MemoryDestination",
    "OnFailureRecord",
    "RecordError",
    "ResponseError",
    "Source",
    "SystemClock",
    "VirtualClock",
]
