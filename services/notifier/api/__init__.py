"""HTTP for programs: each route says who may call it, and the query holds them to what is theirs."""
