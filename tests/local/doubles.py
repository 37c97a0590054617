"""Destinations that can do one thing and no other."""

from __future__ import annotations

from typing import Any

__all__ = ["Puts", "Sends"]


class Puts:
    """A bucket, and nothing else."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}

    def put(self, key: str, record: dict[str, Any]) -> None:
        self.objects[key] = record


class Sends:
    """A queue, and nothing else."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send(self, record: dict[str, Any]) -> None:
        self.sent.append(record)
