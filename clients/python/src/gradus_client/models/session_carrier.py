from enum import StrEnum


class SessionCarrier(StrEnum):
    """How the session is sent with requests. `token`: the response contains a token to send as `Authorization:
    Bearer`. `cookie`: the response sets a cookie that scripts cannot read, for browsers."""

    COOKIE = "cookie"
    TOKEN = "token"

    @classmethod
    def _missing_(cls, value: object) -> "SessionCarrier":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
