from enum import StrEnum


class AuditRole(StrEnum):
    """The role of the caller. `system` is a background job or a command run by the operator, `anyone` is a caller
    who was not signed in."""

    ADMIN = "admin"
    ANYONE = "anyone"
    INSTRUCTOR = "instructor"
    MEMBER = "member"
    STUDENT = "student"
    SYSTEM = "system"

    @classmethod
    def _missing_(cls, value: object) -> "AuditRole":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
