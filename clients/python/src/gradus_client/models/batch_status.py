from enum import StrEnum


class BatchStatus(StrEnum):
    """The status of a batch today, in the batch's time zone."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    ENDED = "ended"
    UPCOMING = "upcoming"

    @classmethod
    def _missing_(cls, value: object) -> "BatchStatus":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
