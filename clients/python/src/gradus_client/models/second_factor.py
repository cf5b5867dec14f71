from enum import StrEnum


class SecondFactor(StrEnum):
    """A way to complete a sign-in. `totp`: the code that the user's authenticator app shows now. `recovery_code`:
    one of the codes that the user stored."""

    RECOVERY_CODE = "recovery_code"
    TOTP = "totp"

    @classmethod
    def _missing_(cls, value: object) -> "SecondFactor":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
