"""CloudFormation's and SAM's templates."""
