"""Templates read: what SAM, CloudFormation, Terraform and Lambda itself say of a mapping."""

from __future__ import annotations

from streamkit.deployment.reading.formats import read_template
from streamkit.deployment.reading.mapping import mapping_of

__all__ = ["mapping_of", "read_template"]
