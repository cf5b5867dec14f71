from enum import StrEnum


class DayState(StrEnum):
    """The state of a day. Only `ok` and `empty` days are known: they were fetched after they ended, with coding time
    (`ok`) or without (`empty`). `partial`: last fetched before the day ended, which includes today; it has the
    seconds seen so far, which are never counted as known. The others have no seconds, and must not be shown as
    zero. `pending`: not fetched yet, or still being computed by the server. `plan_limited`: the plan of the
    connected account does not include the day. `error`: could not be fetched, and will be retried.
    `disconnected`: there was no connection."""

    DISCONNECTED = "disconnected"
    EMPTY = "empty"
    ERROR = "error"
    OK = "ok"
    PARTIAL = "partial"
    PENDING = "pending"
    PLAN_LIMITED = "plan_limited"

    @classmethod
    def _missing_(cls, value: object) -> "DayState":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
