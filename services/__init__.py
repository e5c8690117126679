"""The three services, which meet in `shared.events` alone, and the one command that runs them."""
