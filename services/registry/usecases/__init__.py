"""What the registry does, one transaction each: state and the events that tell of it."""
