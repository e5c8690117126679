"""`python -m services` is `zhida`."""

from services.cli import main

main()
