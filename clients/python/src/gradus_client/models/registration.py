from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.session_carrier import SessionCarrier
from ..types import UNSET, Unset

T = TypeVar("T", bound="Registration")


@_attrs_define(kw_only=True)
class Registration:
    email: str
    """ The email address to sign in with. Case does not matter. """
    name: str
    """ The full name, as other users see it. """
    password: str
    """ At least 15 characters, unless the operator set another minimum, and at most 256. Any characters are
    allowed. The password is used as typed, in the Unicode form NFKC. Common passwords, and passwords that contain
    the name or the email address, are rejected. """
    time_zone: str | Unset = UNSET
    """ An IANA time zone name. For an old name, the current one is stored. It defines the user's coding days while
    they are not enrolled in a batch. Defaults to UTC. """
    registration_key: str | Unset = UNSET
    """ The registration key of a batch to join. Case, spaces and dashes do not matter. """
    carrier: SessionCarrier | Unset = UNSET
    """ How the session is sent with requests. `token`: the response contains a token to send as `Authorization:
    Bearer`. `cookie`: the response sets a cookie that scripts cannot read, for browsers. """

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        name = self.name

        password = self.password

        time_zone = self.time_zone

        registration_key = self.registration_key

        carrier: str | Unset = UNSET
        if not isinstance(self.carrier, Unset):
            carrier = self.carrier.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "name": name,
                "password": password,
            }
        )
        if time_zone is not UNSET:
            field_dict["time_zone"] = time_zone
        if registration_key is not UNSET:
            field_dict["registration_key"] = registration_key
        if carrier is not UNSET:
            field_dict["carrier"] = carrier

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        name = d.pop("name")

        password = d.pop("password")

        time_zone = d.pop("time_zone", UNSET)

        registration_key = d.pop("registration_key", UNSET)

        _carrier = d.pop("carrier", UNSET)
        carrier: SessionCarrier | Unset
        if isinstance(_carrier, Unset):
            carrier = UNSET
        else:
            carrier = SessionCarrier(_carrier)

        registration = cls(
            email=email,
            name=name,
            password=password,
            time_zone=time_zone,
            registration_key=registration_key,
            carrier=carrier,
        )

        return registration
