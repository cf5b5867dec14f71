from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="JoinRequest")


@_attrs_define(kw_only=True)
class JoinRequest:
    registration_key: str
    """ The registration key of the batch. Case, spaces and dashes do not matter. """

    def to_dict(self) -> dict[str, Any]:
        registration_key = self.registration_key

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "registration_key": registration_key,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        registration_key = d.pop("registration_key")

        join_request = cls(
            registration_key=registration_key,
        )

        return join_request
