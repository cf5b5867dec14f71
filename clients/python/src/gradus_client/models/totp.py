from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.totp_state import TotpState

T = TypeVar("T", bound="Totp")


@_attrs_define(kw_only=True)
class Totp:
    """The state of your TOTP."""

    state: TotpState
    """ `off`: the password is enough. `pending`: an enrolment was started, and the password is still enough. `on`:
    signing in needs a code. """
    required: bool
    """ Whether your role needs TOTP. As long as it is not on, all operations but those to enrol return 403
    `totp_required`. """
    confirmed_at: datetime.datetime | None
    """ When TOTP was enabled; null unless it is on. """
    recovery_codes: int
    """ The number of recovery codes that are left. If there are few, offer `POST /me/recovery-codes`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        state = self.state.value

        required = self.required

        confirmed_at: None | str
        if isinstance(self.confirmed_at, datetime.datetime):
            confirmed_at = self.confirmed_at.isoformat()
        else:
            confirmed_at = self.confirmed_at

        recovery_codes = self.recovery_codes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "state": state,
                "required": required,
                "confirmed_at": confirmed_at,
                "recovery_codes": recovery_codes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        state = TotpState(d.pop("state"))

        required = d.pop("required")

        def _parse_confirmed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                confirmed_at_type_0 = datetime.datetime.fromisoformat(data)

                return confirmed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        confirmed_at = _parse_confirmed_at(d.pop("confirmed_at"))

        recovery_codes = d.pop("recovery_codes")

        totp = cls(
            state=state,
            required=required,
            confirmed_at=confirmed_at,
            recovery_codes=recovery_codes,
        )

        totp.additional_properties = d
        return totp

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
