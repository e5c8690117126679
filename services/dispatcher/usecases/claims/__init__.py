"""Claims from what the books owe to the money and back: one transaction an act, and the papers of it."""
