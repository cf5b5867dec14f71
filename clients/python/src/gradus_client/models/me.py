from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role import Role

if TYPE_CHECKING:
    from ..models.batch_summary import BatchSummary


T = TypeVar("T", bound="Me")


@_attrs_define(kw_only=True)
class Me:
    """Your account."""

    id: UUID
    email: str
    name: str
    role: Role
    """ The role of a user in the school. A `member` is not enrolled in a batch, a `student` is enrolled in one, an
    `instructor` teaches the batches they are assigned to, and an `admin` has access to everything. """
    time_zone: str
    """ The account's time zone. While the user is enrolled in a batch, the batch's time zone defines their days.
    """
    created_at: datetime.datetime
    batch: BatchSummary | None
    """ The batch that the student is enrolled in; null for other roles. """
    teaches: list[UUID]
    """ The IDs of the batches that the instructor is assigned to. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.batch_summary import BatchSummary  # noqa: PLC0415

        id = str(self.id)

        email = self.email

        name = self.name

        role = self.role.value

        time_zone = self.time_zone

        created_at = self.created_at.isoformat()

        batch: dict[str, Any] | None
        if isinstance(self.batch, BatchSummary):
            batch = self.batch.to_dict()
        else:
            batch = self.batch

        teaches = []
        for teaches_item_data in self.teaches:
            teaches_item = str(teaches_item_data)
            teaches.append(teaches_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "email": email,
                "name": name,
                "role": role,
                "time_zone": time_zone,
                "created_at": created_at,
                "batch": batch,
                "teaches": teaches,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.batch_summary import BatchSummary  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        email = d.pop("email")

        name = d.pop("name")

        role = Role(d.pop("role"))

        time_zone = d.pop("time_zone")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_batch(data: object) -> BatchSummary | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                batch_type_0 = BatchSummary.from_dict(data)

                return batch_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BatchSummary | None, data)

        batch = _parse_batch(d.pop("batch"))

        teaches = []
        _teaches = d.pop("teaches")
        for teaches_item_data in _teaches:
            teaches_item = UUID(teaches_item_data)

            teaches.append(teaches_item)

        me = cls(
            id=id,
            email=email,
            name=name,
            role=role,
            time_zone=time_zone,
            created_at=created_at,
            batch=batch,
            teaches=teaches,
        )

        me.additional_properties = d
        return me

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
