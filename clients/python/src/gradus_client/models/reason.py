from enum import StrEnum


class Reason(StrEnum):
    """Why a day is missing, why a sync failed, or what is unusual about a day. New reasons may be added: show the
    sentence next to it, which says what to do."""

    ACCOUNT_CHANGED = "account_changed"
    DISCONNECTED = "disconnected"
    FORBIDDEN = "forbidden"
    INVALID_RESPONSE = "invalid_response"
    MISCONFIGURED = "misconfigured"
    MISSING_IN_RESPONSE = "missing_in_response"
    MISSING_SCOPE = "missing_scope"
    NOT_CONNECTED = "not_connected"
    NOT_OFFERED = "not_offered"
    NOT_READY = "not_ready"
    NOT_SYNCED_YET = "not_synced_yet"
    OTHER_TIME_ZONE = "other_time_zone"
    PARTIAL = "partial"
    PLAN_LIMITED = "plan_limited"
    REVOKED = "revoked"
    SERVER_NOT_ALLOWED = "server_not_allowed"
    THROTTLED = "throttled"
    TOKEN_UNREADABLE = "token_unreadable"
    UNAUTHORIZED = "unauthorized"
    UNAVAILABLE = "unavailable"
    UNSUPPORTED = "unsupported"

    @classmethod
    def _missing_(cls, value: object) -> "Reason":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
