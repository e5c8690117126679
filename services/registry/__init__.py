"""The registry: who needs to travel, and what becomes of them.

Owns people (encrypted), their travel requests, the rosters they came in, the enterprises with their gates, and what
other offices' lists say of people (by fingerprint alone). Owns each person's file after that: household and work, the
months of tracking by a named helper, cases, rewards, and the exchange with the province, each in a folder of its name.
Tells other services what money has to know of a person.
Publishes RequestSubmitted, RequestAmended, RequestWithdrawn, PersonErased and EnterpriseRegistered. Listens to plans, trips,
notices and hand-overs, to follow every request to its end. It is the only room that knows a name, a resident ID
or a phone number.
"""
