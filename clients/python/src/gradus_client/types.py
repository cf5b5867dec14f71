"""The API version, and the value of omitted properties and parameters."""

from typing import Literal

#: The version of the API that this client was generated from.
API_VERSION = "1.0.0"


class Unset:
    """The type of UNSET, the value of an omitted property. None is sent as null."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Unset = Unset()

__all__ = ["API_VERSION", "UNSET", "Unset"]
