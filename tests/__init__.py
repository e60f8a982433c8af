"""The tests, and the GitHub runner of our own that they run the action on."""
