from enum import StrEnum


class AITime(StrEnum):
    """Whether the time that AI agents coded counts in class numbers such as medians. `exclude`: it does not.
    `include`: it does. Totals always include it, and `ai_seconds` next to them says how much of it there is. A
    new batch excludes it unless the request says otherwise."""

    EXCLUDE = "exclude"
    INCLUDE = "include"

    @classmethod
    def _missing_(cls, value: object) -> "AITime":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
