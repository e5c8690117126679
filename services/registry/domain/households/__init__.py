"""One employed per household: what a household's standing is, and what is owed to one that has nobody employed."""
