from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="WakaTimeCallback")


@_attrs_define(kw_only=True)
class WakaTimeCallback:
    """What WakaTime added to the address that it sent the browser back to."""

    code: str
    """ The `code` of that address. """
    state: str
    """ The `state` of that address. """

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        state = self.state

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "code": code,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = d.pop("code")

        state = d.pop("state")

        waka_time_callback = cls(
            code=code,
            state=state,
        )

        return waka_time_callback
