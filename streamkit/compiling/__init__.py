"""A type's core schema to one that reads DynamoDB JSON itself (DESIGN §3); imported when it is first used."""
