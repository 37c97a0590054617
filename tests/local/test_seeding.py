from __future__ import annotations

from uuid import UUID

from streamkit.local.seeding import seeded, seeded_uuid


def test_random_numbers_depend_on_their_parts_alone() -> None:
    assert seeded(1, "a").random() == seeded(1, "a").random()
    assert seeded(1, "a").random() != seeded(1, "b").random()


def test_a_uuid_of_version_4_depends_on_its_parts_alone() -> None:
    assert seeded_uuid(1, "a") == seeded_uuid(1, "a")
    assert seeded_uuid(1, "a") != seeded_uuid(1, "b")
    assert UUID(seeded_uuid(1, "a")).version == 4
