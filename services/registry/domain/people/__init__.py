"""People: what is said of them, the register that says it, and the spells it adds up to."""
