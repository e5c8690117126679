"""Reading and writing the files that bureaus send: bytes to rows and back. No database, no rule about people."""
