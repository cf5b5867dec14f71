from enum import StrEnum


class ProgressState(StrEnum):
    """The state of a day, or `not_expected` for days before the student joined, after the batch ended, and in the
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
