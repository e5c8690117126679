"""The notifier: who was told what, and what they answered.

Owns notices, boarding marks and arrival confirmations. Publishes WorkerNotified, WorkerBoarded, NoShowRecorded,
TripDeparted and ArrivalConfirmed; listens to EnterpriseRegistered, TripPublished, TripCancelled,
RequestWithdrawn and PersonErased. Knows people as request ids only: a name or phone is asked of the registry when it is needed.
"""
