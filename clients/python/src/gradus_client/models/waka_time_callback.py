from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="WakaTimeCallback")


@_attrs_define(kw_only=True)
class WakaTimeCallback:
    """The parameters that WakaTime added to the URL that it sent the browser back to."""

    code: str
    """ The `code` parameter of that URL. """
    state: str
    """ The `state` parameter of that URL. """

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
