from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.coverage import Coverage


T = TypeVar("T", bound="ActiveBatch")


@_attrs_define(kw_only=True)
class ActiveBatch:
    """An active batch with the week of its median student."""

    ends_on: datetime.date
    id: UUID
    last_week: Coverage
    """ What is known of a range of days. Show `seconds` only beside how much of it is known. """
    median_seconds: int | None
    """ The last week of the median student, of those with a known day in it; null when there are none. """
    name: str
    students: int
    students_connected: int
    time_zone: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ends_on = self.ends_on.isoformat()

        id = str(self.id)

        last_week = self.last_week.to_dict()

        median_seconds: int | None
        median_seconds = self.median_seconds

        name = self.name

        students = self.students

        students_connected = self.students_connected

        time_zone = self.time_zone

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ends_on": ends_on,
                "id": id,
                "last_week": last_week,
                "median_seconds": median_seconds,
                "name": name,
                "students": students,
                "students_connected": students_connected,
                "time_zone": time_zone,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.coverage import Coverage  # noqa: PLC0415

        d = dict(src_dict)
        ends_on = datetime.date.fromisoformat(d.pop("ends_on"))

        id = UUID(d.pop("id"))

        last_week = Coverage.from_dict(d.pop("last_week"))

        def _parse_median_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        median_seconds = _parse_median_seconds(d.pop("median_seconds"))

        name = d.pop("name")

        students = d.pop("students")

        students_connected = d.pop("students_connected")

        time_zone = d.pop("time_zone")

        active_batch = cls(
            ends_on=ends_on,
            id=id,
            last_week=last_week,
            median_seconds=median_seconds,
            name=name,
            students=students,
            students_connected=students_connected,
            time_zone=time_zone,
        )

        active_batch.additional_properties = d
        return active_batch

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
