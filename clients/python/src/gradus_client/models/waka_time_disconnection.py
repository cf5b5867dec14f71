from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.revocation_status import RevocationStatus

T = TypeVar("T", bound="WakaTimeDisconnection")


@_attrs_define(kw_only=True)
class WakaTimeDisconnection:
    """The result of disconnecting."""

    revocation: RevocationStatus
    """ What happened to the tokens at WakaTime. `revoked`: WakaTime revoked them. `failed`: WakaTime could not be
    reached; the user can remove the app at https://wakatime.com/apps. `not_applicable`: the connection used an API
    key, which only its owner can revoke. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        revocation = self.revocation.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "revocation": revocation,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        revocation = RevocationStatus(d.pop("revocation"))

        waka_time_disconnection = cls(
            revocation=revocation,
        )

        waka_time_disconnection.additional_properties = d
        return waka_time_disconnection

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
