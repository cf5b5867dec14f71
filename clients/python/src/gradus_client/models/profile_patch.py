from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ProfilePatch")


@_attrs_define(kw_only=True)
class ProfilePatch:
    """The properties to update. Properties that you leave out keep their values."""

    name: str | Unset = UNSET
    """ The full name, as other users see it. """
    time_zone: str | Unset = UNSET
    """ An IANA time zone name. For an old name, the current one is stored. """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        time_zone = self.time_zone

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if time_zone is not UNSET:
            field_dict["time_zone"] = time_zone

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name", UNSET)

        time_zone = d.pop("time_zone", UNSET)

        profile_patch = cls(
            name=name,
            time_zone=time_zone,
        )

        return profile_patch
