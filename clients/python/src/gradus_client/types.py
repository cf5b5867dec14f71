"""The contract's version, and what stands for a property or parameter that is left out."""

from typing import Literal

#: The version of the contract that this client is made from.
API_VERSION = "1.0.0"


class Unset:
    """The type of UNSET. It is not None: None is sent as null."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Unset = Unset()

__all__ = ["API_VERSION", "UNSET", "Unset"]
