from enum import StrEnum


class YardstickKind(StrEnum):
    """`standard`: measured as Gradus requests, see `Measure`. `other`: measured by the account's own settings, so
    the time cannot be compared with that of other students. `unknown`: not measured yet, or the server does not
    tell."""

    OTHER = "other"
    STANDARD = "standard"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "YardstickKind":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
