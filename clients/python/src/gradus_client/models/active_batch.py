from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.coverage import Coverage
    from ..models.measure import Measure


T = TypeVar("T", bound="ActiveBatch")


@_attrs_define(kw_only=True)
class ActiveBatch:
    """An active batch with the last week of its median student."""

    id: UUID
    name: str
    time_zone: str
    ends_on: datetime.date
    students: int
    """ The number of students; 1000 means 1000 or more. """
    students_connected: int
    """ The number of students whose connection has not ended; 1000 means 1000 or more. """
    measure: Measure
    """ How coding time counts in a batch. Gradus requests all servers to measure in the same way, so that students
    are comparable; `Yardstick` says whether a server does. """
    median_seconds: int | None
    """ The coding time of the median student in the last week, by `measure`, among students with a known day; null
    if there are none, or if `last_week` is null. """
    last_week: Coverage | None
    """ The coverage of today and the six days before, in the batch's time zone, for all its students. The dashboard
    computes it for 100 students: for one batch after the other, except those that have more students on their own,
    as long as there are at most 100 together. It is null for the others: use `GET /batches/{batch_id}/coverage`.
    """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.coverage import Coverage  # noqa: PLC0415

        id = str(self.id)

        name = self.name

        time_zone = self.time_zone

        ends_on = self.ends_on.isoformat()

        students = self.students

        students_connected = self.students_connected

        measure = self.measure.to_dict()

        median_seconds: int | None
        median_seconds = self.median_seconds

        last_week: dict[str, Any] | None
        if isinstance(self.last_week, Coverage):
            last_week = self.last_week.to_dict()
        else:
            last_week = self.last_week

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "time_zone": time_zone,
                "ends_on": ends_on,
                "students": students,
                "students_connected": students_connected,
                "measure": measure,
                "median_seconds": median_seconds,
                "last_week": last_week,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.coverage import Coverage  # noqa: PLC0415
        from ..models.measure import Measure  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        time_zone = d.pop("time_zone")

        ends_on = datetime.date.fromisoformat(d.pop("ends_on"))

        students = d.pop("students")

        students_connected = d.pop("students_connected")

        measure = Measure.from_dict(d.pop("measure"))

        def _parse_median_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        median_seconds = _parse_median_seconds(d.pop("median_seconds"))

        def _parse_last_week(data: object) -> Coverage | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                last_week_type_0 = Coverage.from_dict(data)

                return last_week_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Coverage | None, data)

        last_week = _parse_last_week(d.pop("last_week"))

        active_batch = cls(
            id=id,
            name=name,
            time_zone=time_zone,
            ends_on=ends_on,
            students=students,
            students_connected=students_connected,
            measure=measure,
            median_seconds=median_seconds,
            last_week=last_week,
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
