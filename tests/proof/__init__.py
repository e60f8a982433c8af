"""The exhaustive check of the engine: every history of a small world, held against what really happened in it."""
