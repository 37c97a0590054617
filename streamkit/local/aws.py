"""Clients of AWS's services: endpoints and credentials come the way AWS's own tools take them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from streamkit.errors import StreamkitError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["AwsAccess", "AwsAccessError", "asked", "is_aws"]

_AWS_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


class AwsAccessError(StreamkitError):
    """A service of AWS, or what stands for it, cannot be asked, or refuses: the text says what is missing.

    ``code``: the service's own name for a refusal (``AccessDenied``); "" where it did not answer at all.
    """

    def __init__(self, problem: str, code: str = "") -> None:
        self.problem = problem
        self.code = code
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class AwsAccess:
    """Where AWS's services are, and who asks.

    What is not given here comes from the standard places: ``AWS_ENDPOINT_URL_DYNAMODB_STREAMS`` and its like, then
    ``AWS_ENDPOINT_URL``, ``AWS_REGION``, the credential chain, the profile's configuration.
    """

    endpoint_url: str | None = None
    """Of every service that is asked through this."""
    region: str | None = None
    profile: str | None = None

    def client(self, service: str, region: str | None = None, *, read_timeout: float = 20.0) -> Any:
        """Return a boto3 client. ``region``: where none is configured, or the endpoint is given, this one serves.

        Retries are the caller's: who asks again, and when, is seen and told there.

        Raises AwsAccessError where boto3 is not installed, no region is known, or a profile is not there.
        """
        try:
            import boto3  # noqa: PLC0415  # an extra
            from botocore.config import Config  # noqa: PLC0415  # as above
            from botocore.exceptions import BotoCoreError, NoRegionError  # noqa: PLC0415  # as above
        except ImportError as error:
            raise AwsAccessError(
                f"{service} is asked through {error.name}, which is not installed: "
                f"pip install 'streamkit-dynamodb[aws]'"
            ) from None
        config = Config(
            connect_timeout=5.0,
            read_timeout=read_timeout,
            # As many as threads may ask at once: `LiveStream` has the most.
            max_pool_connections=20,
            retries={"total_max_attempts": 1, "mode": "standard"},
            **_without_account_hosts(Config),
        )
        try:
            # boto3 itself reads AWS_DEFAULT_REGION alone, where AWS's other tools take AWS_REGION, too.
            configured = self.region or os.environ.get("AWS_REGION")
            session = boto3.Session(region_name=configured, profile_name=self.profile)
            name = session.region_name or region
            client = session.client(service, name, endpoint_url=self.endpoint_url, config=config)
            if service == "s3" and _needs_paths(client):
                # A bucket is no host's name where there is no DNS for it.
                paths = config.merge(Config(s3={"addressing_style": "path"}))
                client.close()
                client = session.client(service, name, endpoint_url=self.endpoint_url, config=paths)
        except NoRegionError:
            raise AwsAccessError(
                f"no region is known for {service}: give --region, or set AWS_REGION (AWS_DEFAULT_REGION)"
            ) from None
        except (BotoCoreError, ValueError) as error:
            raise AwsAccessError(f"{service} cannot be asked: {error}") from None
        return client

    def in_region(self, region: str) -> AwsAccess:
        """Return the same for a thing whose ARN says its region: whatever else is configured, it is asked there."""
        return replace(self, region=region) if region else self


def _without_account_hosts(config: Any) -> dict[str, Any]:
    """Keep boto3 from asking hosts that are named after the account, as of 1.44: only AWS itself has such.

    Not every boto3 that is new enough knows the option; those that do not, ask no such hosts.
    """
    option = "account_id_endpoint_mode"
    return {option: "disabled"} if option in config.OPTION_DEFAULTS else {}


def is_aws(endpoint: str) -> bool:
    """Whether an endpoint is one of AWS's own."""
    return (urlsplit(endpoint).hostname or "").endswith(_AWS_HOSTS)


def _needs_paths(client: Any) -> bool:
    return not (client.meta.config.s3 or {}).get("addressing_style") and not is_aws(client.meta.endpoint_url)


@contextmanager
def asked(what: str, advice: str = "") -> Iterator[None]:
    """Turn what boto3 raises in the block into an AwsAccessError that says ``what`` was asked.

    ``advice``: what to do about a refusal.
    """
    from botocore import exceptions  # noqa: PLC0415  # an extra

    try:
        yield
    except exceptions.ClientError as error:
        told = error.response.get("Error", {})
        code = str(told.get("Code", ""))
        tail = f": {advice}" if advice else ""
        raise AwsAccessError(f"{what} was refused ({code}: {told.get('Message', '')}){tail}", code) from None
    except exceptions.NoCredentialsError:
        raise AwsAccessError(
            f"{what} needs credentials, and there are none: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
            f"(a local server takes any), or give --profile",
            "NoCredentials",
        ) from None
    except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
        raise AwsAccessError(f"{what} got no answer ({error}): is it running, and is this its endpoint?") from None
    except exceptions.BotoCoreError as error:
        raise AwsAccessError(f"{what} failed: {error}", type(error).__name__) from None
