"""Claims on subsidies: their states, their arithmetic, and the sixteen checks before anybody is paid; knows no database."""
