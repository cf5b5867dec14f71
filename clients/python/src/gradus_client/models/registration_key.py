from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RegistrationKey")


@_attrs_define(kw_only=True)
class RegistrationKey:
    """The key that people use to join a batch. Only the batch's instructors and admins can see it."""

    batch_id: UUID
    key: str
    """ Share it with the people who should join. """
    enabled: bool
    """ Whether people can join with the key. """
    expires_at: datetime.datetime | None
    """ When the key expires; null if it never does. """
    seats: int | None
    """ The number of students who can be enrolled; null if there is no limit. """
    seats_taken: int
    """ The number of students currently enrolled. """
    rotated_at: datetime.datetime
    """ When the key was created, or last rotated. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        batch_id = str(self.batch_id)

        key = self.key

        enabled = self.enabled

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        seats: int | None
        seats = self.seats

        seats_taken = self.seats_taken

        rotated_at = self.rotated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "batch_id": batch_id,
                "key": key,
                "enabled": enabled,
                "expires_at": expires_at,
                "seats": seats,
                "seats_taken": seats_taken,
                "rotated_at": rotated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        batch_id = UUID(d.pop("batch_id"))

        key = d.pop("key")

        enabled = d.pop("enabled")

        def _parse_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

        def _parse_seats(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        seats = _parse_seats(d.pop("seats"))

        seats_taken = d.pop("seats_taken")

        rotated_at = datetime.datetime.fromisoformat(d.pop("rotated_at"))

        registration_key = cls(
            batch_id=batch_id,
            key=key,
            enabled=enabled,
            expires_at=expires_at,
            seats=seats,
            seats_taken=seats_taken,
            rotated_at=rotated_at,
        )

        registration_key.additional_properties = d
        return registration_key

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
