from enum import StrEnum


class SessionCarrier(StrEnum):
    """How the session is carried from now on. `token`: the answer holds a token, to be sent as `Authorization:
    Bearer`. `cookie`: the answer sets a cookie that scripts cannot read, for browsers."""

    COOKIE = "cookie"
    TOKEN = "token"

    @classmethod
    def _missing_(cls, value: object) -> "SessionCarrier":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
