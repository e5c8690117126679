"""`zhida policy`: files of policies and tariffs for whoever has no service running."""
