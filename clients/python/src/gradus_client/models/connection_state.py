from enum import StrEnum


class ConnectionState(StrEnum):
    """What a connection can do. `connected`: days are fetched. `needs_reconnect`: WakaTime ended it, and only the
    user can mend that by connecting again. `not_connected`: there is none."""

    CONNECTED = "connected"
    NEEDS_RECONNECT = "needs_reconnect"
    NOT_CONNECTED = "not_connected"

    @classmethod
    def _missing_(cls, value: object) -> "ConnectionState":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
