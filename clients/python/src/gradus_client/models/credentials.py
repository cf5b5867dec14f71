from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.session_carrier import SessionCarrier
from ..types import UNSET, Unset

T = TypeVar("T", bound="Credentials")


@_attrs_define(kw_only=True)
class Credentials:
    email: str
    """ The email address of the account. """
    password: str
    """ The password. It is used as typed, in the Unicode form NFKC. """
    carrier: SessionCarrier | Unset = UNSET
    """ How the session is sent with requests. `token`: the response contains a token to send as `Authorization:
    Bearer`. `cookie`: the response sets a cookie that scripts cannot read, for browsers. """

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        password = self.password

        carrier: str | Unset = UNSET
        if not isinstance(self.carrier, Unset):
            carrier = self.carrier.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "password": password,
            }
        )
        if carrier is not UNSET:
            field_dict["carrier"] = carrier

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        password = d.pop("password")

        _carrier = d.pop("carrier", UNSET)
        carrier: SessionCarrier | Unset
        if isinstance(_carrier, Unset):
            carrier = UNSET
        else:
            carrier = SessionCarrier(_carrier)

        credentials = cls(
            email=email,
            password=password,
            carrier=carrier,
        )

        return credentials
