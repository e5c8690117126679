"""The notifier's database: trips, riders, notices, webhook subscriptions, opened links. No name, no phone."""
