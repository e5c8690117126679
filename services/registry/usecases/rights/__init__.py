"""What is done in workers' cases, one transaction each. Nothing here publishes an event or writes a log line: that there
is a case is known to the worker, the labour office of their place and the rights office that has it, and to nobody else."""
