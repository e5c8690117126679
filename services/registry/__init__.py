"""The registry: who needs to travel.

Owns people (encrypted), their travel requests, the rosters they came in, and the enterprises with their gates.
Publishes RequestSubmitted, RequestAmended, RequestWithdrawn and EnterpriseRegistered. Listens to plans, trips,
notices and hand-overs, to follow every request to its end. It is the only room that knows a name, a resident ID
or a phone number.
"""
