"""Who is affected by a new version of a list: found by a job, ruled by articles, worked through as a list."""
