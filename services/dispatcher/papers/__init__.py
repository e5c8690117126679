"""Makes the papers of the money, XLSX, CSV, PDF and ZIP, from values alone; reads no store and decides nothing."""
