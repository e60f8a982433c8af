"""Changes each condition of the engine, and checks that a test notices."""
