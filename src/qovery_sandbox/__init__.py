"""A Qovery to run against: the API calls of a helm deployment, with scenarios, dialects and faults."""
