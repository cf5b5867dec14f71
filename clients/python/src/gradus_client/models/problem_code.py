from enum import StrEnum


class ProblemCode(StrEnum):
    """The kind of problem, for programs. The meaning of a code never changes, and new codes may be added.
    `x-statuses` lists the HTTP status of each code, and the page `/problems/{code}` explains what it means and
    what to do."""

    ALREADY_ENROLLED = "already_enrolled"
    BATCH_ARCHIVED = "batch_archived"
    BATCH_FULL = "batch_full"
    BATCH_NOT_FOUND = "batch_not_found"
    BUSY = "busy"
    CROSS_ORIGIN = "cross_origin"
    CURRENT_PASSWORD_WRONG = "current_password_wrong"
    EMAIL_TAKEN = "email_taken"
    FORBIDDEN = "forbidden"
    HEADERS_TOO_LARGE = "headers_too_large"
    IDEMPOTENCY_KEY_IN_USE = "idempotency_key_in_use"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    INSTRUCTOR_NOT_FOUND = "instructor_not_found"
    INTERNAL = "internal"
    INVALID_CREDENTIALS = "invalid_credentials"
    INVALID_CURSOR = "invalid_cursor"
    INVALID_REQUEST = "invalid_request"
    LAST_ADMIN = "last_admin"
    MALFORMED_REQUEST = "malformed_request"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    MULTIPLE_CREDENTIALS = "multiple_credentials"
    NOT_ACCEPTABLE = "not_acceptable"
    NOT_AN_INSTRUCTOR = "not_an_instructor"
    NOT_FOUND = "not_found"
    PASSWORD_CONTAINS_PERSONAL_INFO = "password_contains_personal_info"
    PASSWORD_TOO_COMMON = "password_too_common"
    PASSWORD_TOO_LONG = "password_too_long"
    PASSWORD_TOO_SHORT = "password_too_short"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    RANGE_TOO_LARGE = "range_too_large"
    RATE_LIMITED = "rate_limited"
    REAUTHENTICATION_REQUIRED = "reauthentication_required"
    REGISTRATION_KEY_INVALID = "registration_key_invalid"
    SESSION_EXPIRED = "session_expired"
    SESSION_NOT_FOUND = "session_not_found"
    STUDENT_NOT_FOUND = "student_not_found"
    STUDENT_ROLE_REQUIRES_ENROLMENT = "student_role_requires_enrolment"
    UNAUTHENTICATED = "unauthenticated"
    UNAVAILABLE = "unavailable"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    URI_TOO_LONG = "uri_too_long"
    USER_NOT_FOUND = "user_not_found"
    VERSION_MISMATCH = "version_mismatch"
    WAKATIME_ACCOUNT_NOT_FOUND = "wakatime_account_not_found"
    WAKATIME_ACCOUNT_TAKEN = "wakatime_account_taken"
    WAKATIME_BASE_URL_NOT_ALLOWED = "wakatime_base_url_not_allowed"
    WAKATIME_CODE_REJECTED = "wakatime_code_rejected"
    WAKATIME_CONNECTION_NOT_FOUND = "wakatime_connection_not_found"
    WAKATIME_KEY_REJECTED = "wakatime_key_rejected"
    WAKATIME_NOT_CONFIGURED = "wakatime_not_configured"
    WAKATIME_NOT_CONNECTED = "wakatime_not_connected"
    WAKATIME_SERVER_UNSUPPORTED = "wakatime_server_unsupported"
    WAKATIME_STATE_INVALID = "wakatime_state_invalid"
    WAKATIME_UNAVAILABLE = "wakatime_unavailable"

    @classmethod
    def _missing_(cls, value: object) -> "ProblemCode":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
