"""Personal data as much as a page may show of it (《个人信息保护法》第51条, de-identification)."""

_STAR = "*"


def name(full: str) -> str:
    """`张小三` -> `张*三`, `张三` -> `张*`: first and last character stay, of two only the first."""
    text = full.strip()
    if len(text) < 2:
        return _STAR * len(text)
    if len(text) == 2:
        return text[0] + _STAR
    return text[0] + _STAR * (len(text) - 2) + text[-1]


def resident_id(number: str) -> str:
    """First 6 and last 4 characters: `522732********1234`."""
    return _middle(number.strip(), 6, 4)


def phone(number: str) -> str:
    """First 3 and last 4 digits: `138****5678`."""
    return _middle(number.strip(), 3, 4)


def household(number: str) -> str:
    """The last four of a household's number in a register, as much as tells it from its neighbours: `…0012`."""
    return f"…{number[-4:]}" if len(number) > 4 else number


def _middle(text: str, head: int, tail: int) -> str:
    """`text` with its middle starred; all of it where it is too short to have one."""
    hidden = len(text) - head - tail
    if hidden <= 0:
        return _STAR * len(text)
    return text[:head] + _STAR * hidden + text[-tail:]
