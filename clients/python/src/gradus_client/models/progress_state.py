from enum import StrEnum


class ProgressState(StrEnum):
    """The state of a day, or `not_expected` before the student's time in the batch, after its end, and in the
    future."""

    DISCONNECTED = "disconnected"
    EMPTY = "empty"
    ERROR = "error"
    NOT_EXPECTED = "not_expected"
    OK = "ok"
    PENDING = "pending"
    PLAN_LIMITED = "plan_limited"

    @classmethod
    def _missing_(cls, value: object) -> "ProgressState":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
