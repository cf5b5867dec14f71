from enum import StrEnum


class AuditRole(StrEnum):
    """The role in which it was done. `system` is a background job or a command of the operator, `anyone` is somebody
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
