"""Money as whole fen; knows sums and shares, and refuses to know who pays or why."""

from collections.abc import Sequence

FEN_PER_YUAN = 100


def round_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` in whole fen, halves away from nothing: 0.5 becomes 1.

    Both are integers, `denominator` > 0, `numerator` >= 0.
    """
    return (2 * numerator + denominator) // (2 * denominator)


def share(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Parts of `total_fen` in proportion to `weights`, which sum to it exactly (largest remainder).

    Equal remainders go to the earlier part, so the same input gives the same parts.
    Raises ValueError where there is money but no weight to carry it.
    """
    whole = sum(weights)
    if min(weights, default=0) < 0 or total_fen < 0:
        raise ValueError("shares need amounts and weights that are not negative")
    if whole == 0:
        if total_fen:
            raise ValueError(f"{total_fen} fen cannot be shared among weights that sum to 0")
        return [0] * len(weights)
    parts = [total_fen * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total_fen * weights[i] % whole), i))
    for i in by_remainder[: total_fen - sum(parts)]:
        parts[i] += 1
    return parts


def yuan(amount_fen: int) -> str:
    """An amount as people read it: `-1234567` is `-12,345.67`."""
    sign = "-" if amount_fen < 0 else ""
    whole, fen = divmod(abs(amount_fen), FEN_PER_YUAN)
    return f"{sign}{whole:,}.{fen:02d}"
