"""Terraform's plans."""
