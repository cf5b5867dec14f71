from enum import StrEnum


class EnrolmentStatus(StrEnum):
    """The status of a student in their batch."""

    ACTIVE = "active"
    DROPPED = "dropped"
    GRADUATED = "graduated"
    PAUSED = "paused"

    @classmethod
    def _missing_(cls, value: object) -> "EnrolmentStatus":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
