"""One person, one file: what is known of somebody, from whom, and since when."""
