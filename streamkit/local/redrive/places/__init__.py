"""Where on-failure records lie: a queue, a bucket, a folder."""
