"""Properties that hold for every behavior of Qovery, the network and other users."""
