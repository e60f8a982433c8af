"""The engine, one module at a time; tests/mutation checks that these tests notice every change of a condition."""
