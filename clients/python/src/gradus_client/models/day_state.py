from enum import StrEnum


class DayState(StrEnum):
    """What is known of a day. Only `ok` and `empty` are knowledge; the other days have no seconds and are never to
    be read as zero. `empty`: fetched, and nothing was coded. `pending`: not fetched yet, or still being computed.
    `plan_limited`: the account's plan does not show it. `error`: could not be fetched, and is tried again.
    `disconnected`: there was no connection to ask."""

    DISCONNECTED = "disconnected"
    EMPTY = "empty"
    ERROR = "error"
    OK = "ok"
    PENDING = "pending"
    PLAN_LIMITED = "plan_limited"

    @classmethod
    def _missing_(cls, value: object) -> "DayState":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
