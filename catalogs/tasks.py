"""What a worker has to know of: importing a module here registers its kinds of jobs."""

from catalogs import evaluating

__all__ = ["evaluating"]
