"""Clients of AWS's services: endpoints and credentials come the way AWS's own tools take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streamkit.errors import StreamkitError

__all__ = ["AwsAccess", "AwsAccessError"]


class AwsAccessError(StreamkitError):
    """A service of AWS, or what stands for it, cannot be asked: the text says what is missing."""


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
            retries={"total_max_attempts": 1, "mode": "standard"},
            # boto3 1.44 asks hosts named after the account, which only AWS itself has.
            account_id_endpoint_mode="disabled",
            s3={"addressing_style": "path"} if self.endpoint_url else None,
        )
        try:
            session = boto3.Session(region_name=self.region, profile_name=self.profile)
            return session.client(service, session.region_name or region, endpoint_url=self.endpoint_url, config=config)
        except NoRegionError:
            raise AwsAccessError(
                f"no region is known for {service}: give --region, or set AWS_REGION (AWS_DEFAULT_REGION)"
            ) from None
        except (BotoCoreError, ValueError) as error:
            raise AwsAccessError(f"{service} cannot be asked: {error}") from None
