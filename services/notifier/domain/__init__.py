"""Rules of telling, boarding and handing over, as pure values: no database, no network, no clock."""
