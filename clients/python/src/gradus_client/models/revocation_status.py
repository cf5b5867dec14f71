from enum import StrEnum


class RevocationStatus(StrEnum):
    """What happened to the tokens at WakaTime. `revoked`: WakaTime revoked them. `failed`: WakaTime could not be
    reached; the user can remove the app at https://wakatime.com/apps. `not_applicable`: the connection used an
    API key, which only its owner can revoke."""

    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    REVOKED = "revoked"

    @classmethod
    def _missing_(cls, value: object) -> "RevocationStatus":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
