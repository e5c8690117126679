"""The seed of a run: drawn anew each time, printed, and given again to replay a run that failed."""

import os
import random
import secrets

VARIABLE = "ZHIDA_FAULT_SEED"


def draw() -> random.Random:
    """Chance for one test; `ZHIDA_FAULT_SEED=17 pytest ...` replays the run that printed 17."""
    seed = int(os.environ.get(VARIABLE) or secrets.randbelow(1_000_000))
    print(f"seed {seed}: replay with {VARIABLE}={seed}")
    return random.Random(seed)
