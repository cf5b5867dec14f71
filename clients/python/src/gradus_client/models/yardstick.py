from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.yardstick_kind import YardstickKind

T = TypeVar("T", bound="Yardstick")


@_attrs_define(kw_only=True)
class Yardstick:
    """How a server measures the coding time of an account. Students are comparable if it is `standard` for all of them."""

    kind: YardstickKind
    """ `standard`: measured as Gradus requests, see `Measure`. `other`: measured by the account's own settings, so
    the time cannot be compared with that of other students. `unknown`: not measured yet, or the server does not
    tell. """
    timeout_minutes: int | None
    """ The keystroke timeout that the server used; null if it is not known. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        timeout_minutes: int | None
        timeout_minutes = self.timeout_minutes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "timeout_minutes": timeout_minutes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = YardstickKind(d.pop("kind"))

        def _parse_timeout_minutes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        timeout_minutes = _parse_timeout_minutes(d.pop("timeout_minutes"))

        yardstick = cls(
            kind=kind,
            timeout_minutes=timeout_minutes,
        )

        yardstick.additional_properties = d
        return yardstick

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
