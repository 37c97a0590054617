"""For tests: a pytest plugin that runs the same test in process, against awslambdaric, and on a live stream.

The plugin is loaded by pytest itself; what stands here is for annotations.
"""

from __future__ import annotations

from streamkit.testing.factories import RunnerFactory, RunnerOptions, Table, TableFactory, Way

__all__ = ["RunnerFactory", "RunnerOptions", "Table", "TableFactory", "Way"]
