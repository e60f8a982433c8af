"""Real clients and servers, held against the sandbox: the sandbox is only worth what it shares with the world."""
