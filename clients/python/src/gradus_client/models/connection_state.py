from enum import StrEnum


class ConnectionState(StrEnum):
    """The state of a connection. `connected`: the server has not rejected the credentials; if syncs fail, another
    property says why and since when. `needs_reconnect`: the server no longer accepts the credentials, and the
    user has to connect again. `not_connected`: there is no connection."""

    CONNECTED = "connected"
    NEEDS_RECONNECT = "needs_reconnect"
    NOT_CONNECTED = "not_connected"

    @classmethod
    def _missing_(cls, value: object) -> "ConnectionState":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
