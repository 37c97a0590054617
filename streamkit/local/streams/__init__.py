"""Streams as they are outside: how a live DynamoDB stream is found, read, and read on after whatever went wrong."""
