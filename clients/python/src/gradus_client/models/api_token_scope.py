from enum import StrEnum


class ApiTokenScope(StrEnum):
    """What a token can be used for. `read` and `write` are for all slices, and the others for one. Writing does not
    include reading."""

    ACCOUNTSREAD = "accounts:read"
    ACCOUNTSWRITE = "accounts:write"
    AUDITLOGREAD = "auditlog:read"
    BATCHESREAD = "batches:read"
    BATCHESWRITE = "batches:write"
    INSIGHTSREAD = "insights:read"
    READ = "read"
    STUDENTSREAD = "students:read"
    STUDENTSWRITE = "students:write"
    TRACKINGREAD = "tracking:read"
    TRACKINGWRITE = "tracking:write"
    WRITE = "write"

    @classmethod
    def _missing_(cls, value: object) -> "ApiTokenScope":
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = str(value)
        return unknown
