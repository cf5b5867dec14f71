from enum import StrEnum


class ConnectionKind(StrEnum):
    """How the user connected."""

    API_KEY = "api_key"
    OAUTH = "oauth"

    @classmethod
    def _missing_(cls, value: object) -> "ConnectionKind":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
