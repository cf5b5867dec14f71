from enum import StrEnum


class DayState(StrEnum):
    """The state of a day. Only `ok` and `empty` days are known; other days have no seconds, and must not be shown as
    zero. `ok`: fetched, with coding time. `empty`: fetched, without coding time. `pending`: not fetched yet, or
    still being computed by WakaTime. `plan_limited`: the plan of the WakaTime account does not show the day.
    `error`: could not be fetched, and will be retried. `disconnected`: there was no connection."""

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
