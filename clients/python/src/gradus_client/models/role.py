from enum import StrEnum


class Role(StrEnum):
    """The role of a user in the school. A `member` is not enrolled in a batch, a `student` is enrolled in one, an
    `instructor` teaches the batches they are assigned to, and an `admin` has access to everything."""

    ADMIN = "admin"
    INSTRUCTOR = "instructor"
    MEMBER = "member"
    STUDENT = "student"

    @classmethod
    def _missing_(cls, value: object) -> "Role":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
