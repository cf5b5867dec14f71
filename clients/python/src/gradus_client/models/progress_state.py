from enum import StrEnum


class ProgressState(StrEnum):
    """The state of a day, as in `DayState`, or `not_expected` for days before the student joined, after the batch
    ended, and in the future. Today is `partial` once it was fetched."""

    DISCONNECTED = "disconnected"
    EMPTY = "empty"
    ERROR = "error"
    NOT_EXPECTED = "not_expected"
    OK = "ok"
    PARTIAL = "partial"
    PENDING = "pending"
    PLAN_LIMITED = "plan_limited"

    @classmethod
    def _missing_(cls, value: object) -> "ProgressState":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
