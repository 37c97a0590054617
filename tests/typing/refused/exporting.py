"""A tool that there is not, an option that no export has, or of another type."""

from streamkit import EventSourceMapping
from streamkit.deployment.exporting import export, notes

export("helm", EventSourceMapping())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
export("sam", {"BatchSize": 10})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
export("sam", EventSourceMapping(), region="eu-west-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
export("sam", EventSourceMapping(), syntax="toml")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
export("sam", EventSourceMapping(), timeout="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
export("sam", EventSourceMapping(), "app.handler")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
notes("cli", EventSourceMapping(), update="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
