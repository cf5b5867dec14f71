from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.second_factor import SecondFactor

T = TypeVar("T", bound="SignInChallenge")


@_attrs_define(kw_only=True)
class SignInChallenge:
    """The password was right, and a code is still missing."""

    challenge: str
    """ Send it to `POST /auth/login/completion`, with a code. It is not a session. """
    expires_at: datetime.datetime
    """ When the sign-in has to start again. """
    methods: list[SecondFactor]
    """ What the user can complete the sign-in with. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        challenge = self.challenge

        expires_at = self.expires_at.isoformat()

        methods = []
        for methods_item_data in self.methods:
            methods_item = methods_item_data.value
            methods.append(methods_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "challenge": challenge,
                "expires_at": expires_at,
                "methods": methods,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        challenge = d.pop("challenge")

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        methods = []
        _methods = d.pop("methods")
        for methods_item_data in _methods:
            methods_item = SecondFactor(methods_item_data)

            methods.append(methods_item)

        sign_in_challenge = cls(
            challenge=challenge,
            expires_at=expires_at,
            methods=methods,
        )

        sign_in_challenge.additional_properties = d
        return sign_in_challenge

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
