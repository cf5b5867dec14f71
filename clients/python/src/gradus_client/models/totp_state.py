from enum import StrEnum


class TotpState(StrEnum):
    """`off`: the password is enough. `pending`: an enrolment was started, and the password is still enough. `on`:
    signing in needs a code."""

    OFF = "off"
    ON = "on"
    PENDING = "pending"

    @classmethod
    def _missing_(cls, value: object) -> "TotpState":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
