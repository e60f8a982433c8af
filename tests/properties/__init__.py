"""What must hold always, whatever Qovery, the network and other people do."""
