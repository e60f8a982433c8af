"""The exhaustive check of the engine: compares its judgement of every history of a small world with the truth."""
