"""One module at a time: what it decides, reads and writes."""
