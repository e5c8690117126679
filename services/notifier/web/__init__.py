"""Pages for people: the escort's phone page, the enterprise's page, and what was sent; small enough for 390 pixels."""
