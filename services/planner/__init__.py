"""The planner: it plans the pools that the dispatcher asks for, in processes of its own, on as many machines as there are.

Owns the queue of jobs. Listens to PoolPlanRequested; publishes PoolPlanned and PoolNotPlanned. Of the dispatcher it knows the pure
functions that plan (`services.dispatcher.planning`), and nothing of who rides.
"""
