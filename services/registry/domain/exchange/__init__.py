"""The exchange of files with the provincial information system: columns, lines, receipts and their clocks. Pure."""
