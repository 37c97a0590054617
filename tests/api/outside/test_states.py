"""How a mapping's state moves, looked at while it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.outside.mapped import Mappings
from tests.api.outside.serving import APP, Around, Server, eventually

if TYPE_CHECKING:
    from pathlib import Path

SLOWLY = "1"
"""So long every state lasts, in seconds: what a test asks in between, it asks in milliseconds."""


def in_use(mappings: Mappings, uuid: str) -> None:
    """Hold that nothing can be done with a mapping now."""
    client: Any = mappings.client
    for ask in (client.update_event_source_mapping, client.delete_event_source_mapping):
        with pytest.raises(client.exceptions.ResourceInUseException) as refused:
            ask(UUID=uuid)
        assert mappings.answers.statuses[-1] == 400
        assert mappings.answers.headers[-1]["x-amzn-errortype"] == "ResourceInUseException"
        assert "in use" in refused.value.response["Error"]["Message"]


def test_a_mapping_is_created_updated_disabled_enabled_and_deleted(around: Around, tmp_path: Path) -> None:
    options = ("--transition-seconds", SLOWLY, "--function", f"my-function={APP}:writes_down")
    with Server(around, tmp_path, *options) as server, Mappings(server) as mappings:
        made = mappings.create(around.table("states"))
        uuid = made["UUID"]
        assert made["State"] == mappings.get(uuid)["State"] == "Creating"
        in_use(mappings, uuid)
        assert mappings.settled(uuid)["State"] == "Enabled"

        update = mappings.client.update_event_source_mapping
        updated = update(UUID=uuid, BatchSize=5)
        # The old values, until the new ones are in use.
        assert (updated["State"], updated["BatchSize"]) == ("Updating", 100)
        assert [mappings.get(uuid)[name] for name in ("State", "BatchSize")] == ["Updating", 100]
        in_use(mappings, uuid)
        updated = mappings.settled(uuid)
        assert (updated["State"], updated["BatchSize"]) == ("Enabled", 5)
        assert updated["LastModified"] > made["LastModified"]

        assert update(UUID=uuid, Enabled=False)["State"] == "Disabling"
        assert mappings.settled(uuid)["State"] == "Disabled"
        assert update(UUID=uuid, Enabled=True)["State"] == "Enabling"
        assert mappings.settled(uuid)["State"] == "Enabled"

        assert mappings.client.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
        assert mappings.answers.statuses[-1] == 202
        assert mappings.get(uuid)["State"] == "Deleting"
        eventually(mappings.listed, lambda seen: seen == [])
        with pytest.raises(mappings.errors.ResourceNotFoundException):
            mappings.get(uuid)
