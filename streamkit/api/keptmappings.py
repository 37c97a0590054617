"""The mappings that a server has: each as it is kept in the state file, with its stream at work."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from streamkit.api.mappedstream import MappedStream
from streamkit.api.refusals import unknown_mapping
from streamkit.api.store import Stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.api.mappedstream import Surroundings
    from streamkit.api.store import MappingStore
    from streamkit.mapping import EventSourceMapping

__all__ = ["Kept", "KeptMappings"]


@dataclass(slots=True)
class Kept:
    """One mapping."""

    stored: Stored
    stream: MappedStream

    @property
    def function_arns(self) -> Sequence[str]:
        """The function that it has, and the one that it is about to have."""
        about = (self.stored.pending or {}).get("FunctionArn")
        return [arn for arn in (self.stored.mapping.function_arn, about) if arn is not None]


class KeptMappings:
    """All of them, by UUID, in the order in which they were made. Their streams are started by whoever adds them.

    Everything but `processed` is to be called with the ``lock`` held. Each change is in the store when a call returns.

    Raises StateFileError for a store that cannot be read.
    """

    def __init__(self, store: MappingStore, surroundings: Surroundings) -> None:
        self.lock = threading.RLock()
        self._store = store
        self._with = surroundings
        self._by_uuid: dict[str, Kept] = {}
        for stored in store.load():
            self._keep(stored)

    def all(self) -> list[Kept]:
        """Return every mapping."""
        return list(self._by_uuid.values())

    def find(self, uuid: str) -> Kept:
        """Return one. Raises Refusal where there is none."""
        kept = self._by_uuid.get(uuid)
        if kept is None:
            raise unknown_mapping()
        return kept

    def add(self, mapping: EventSourceMapping) -> Kept:
        """Keep a new one."""
        number = max((one.stored.number for one in self._by_uuid.values()), default=0) + 1
        kept = self._keep(Stored(number, mapping))
        self._store.save(kept.stored)
        return kept

    def become(self, kept: Kept, mapping: EventSourceMapping) -> None:
        """Let a mapping be this from now on."""
        kept.stored.mapping = mapping
        self._store.save(kept.stored)

    def remove(self, kept: Kept) -> None:
        """Forget one, whose stream has ended, and its checkpoints."""
        uuid = str(kept.stored.mapping.uuid)
        self._store.delete(uuid)
        kept.stream.forget()
        del self._by_uuid[uuid]

    def processed(self, uuid: str, result: str) -> None:
        """Note the LastProcessingResult of a mapping, if it is still there. From any thread."""
        with self.lock:
            kept = self._by_uuid.get(uuid)
            if kept is not None and kept.stored.mapping.last_processing_result != result:
                self.become(kept, kept.stored.mapping.model_copy(update={"last_processing_result": result}))

    def _keep(self, stored: Stored) -> Kept:
        uuid = str(stored.mapping.uuid)
        stream = MappedStream(stored.mapping, self._with, partial(self.processed, uuid))
        self._by_uuid[uuid] = kept = Kept(stored, stream)
        return kept
