from enum import StrEnum


class Role(StrEnum):
    """What a user is to the school. A `member` is in no batch, a `student` is enrolled in one, an `instructor`
    teaches the batches they are assigned to, an `admin` may do everything."""

    ADMIN = "admin"
    INSTRUCTOR = "instructor"
    MEMBER = "member"
    STUDENT = "student"

    @classmethod
    def _missing_(cls, value: object) -> "Role":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
