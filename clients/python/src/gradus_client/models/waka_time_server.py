from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="WakaTimeServer")


@_attrs_define(kw_only=True)
class WakaTimeServer:
    """A server that API keys can be for."""

    name: str
    """ The name of the server: its host, or `WakaTime`. """
    base_url: str
    """ The URL of its API. """
    default: bool
    """ Whether keys are for this server if a request has no `base_url`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        base_url = self.base_url

        default = self.default

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "base_url": base_url,
                "default": default,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        base_url = d.pop("base_url")

        default = d.pop("default")

        waka_time_server = cls(
            name=name,
            base_url=base_url,
            default=default,
        )

        waka_time_server.additional_properties = d
        return waka_time_server

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
