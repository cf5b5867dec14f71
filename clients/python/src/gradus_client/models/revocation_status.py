from enum import StrEnum


class RevocationStatus(StrEnum):
    """`revoked`: WakaTime ended the tokens. `failed`: WakaTime could not be told; remove the app at
    https://wakatime.com/apps yourself. `not_applicable`: an API key, which only its owner can end."""

    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    REVOKED = "revoked"

    @classmethod
    def _missing_(cls, value: object) -> "RevocationStatus":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
