"""What a worker has to know of: importing a module here registers its kinds of jobs."""

from catalogs.learning import evaluating

__all__ = ["evaluating"]
