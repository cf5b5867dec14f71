from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.batch_status import BatchStatus

T = TypeVar("T", bound="Batch")


@_attrs_define(kw_only=True)
class Batch:
    """A class with dates. Its days are cut in its time zone."""

    archived_at: datetime.datetime | None
    """ Since when it is archived; null when it is not. """
    created_at: datetime.datetime
    description: str
    ends_on: datetime.date
    """ The last day. """
    id: UUID
    instructors: int
    """ How many are assigned now. """
    name: str
    starts_on: datetime.date
    """ The first day. """
    status: BatchStatus
    """ Where a batch stands today, by the calendar of its own zone. """
    students: int
    """ How many are enrolled now. """
    time_zone: str
    """ The IANA zone in which the days of its students are cut. """
    weekly_goal_seconds: int | None
    """ The coding time expected of each student per week; null when nothing is expected. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        archived_at: None | str
        if isinstance(self.archived_at, datetime.datetime):
            archived_at = self.archived_at.isoformat()
        else:
            archived_at = self.archived_at

        created_at = self.created_at.isoformat()

        description = self.description

        ends_on = self.ends_on.isoformat()

        id = str(self.id)

        instructors = self.instructors

        name = self.name

        starts_on = self.starts_on.isoformat()

        status = self.status.value

        students = self.students

        time_zone = self.time_zone

        weekly_goal_seconds: int | None
        weekly_goal_seconds = self.weekly_goal_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "archived_at": archived_at,
                "created_at": created_at,
                "description": description,
                "ends_on": ends_on,
                "id": id,
                "instructors": instructors,
                "name": name,
                "starts_on": starts_on,
                "status": status,
                "students": students,
                "time_zone": time_zone,
                "weekly_goal_seconds": weekly_goal_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_archived_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                archived_at_type_0 = datetime.datetime.fromisoformat(data)

                return archived_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        archived_at = _parse_archived_at(d.pop("archived_at"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        description = d.pop("description")

        ends_on = datetime.date.fromisoformat(d.pop("ends_on"))

        id = UUID(d.pop("id"))

        instructors = d.pop("instructors")

        name = d.pop("name")

        starts_on = datetime.date.fromisoformat(d.pop("starts_on"))

        status = BatchStatus(d.pop("status"))

        students = d.pop("students")

        time_zone = d.pop("time_zone")

        def _parse_weekly_goal_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        weekly_goal_seconds = _parse_weekly_goal_seconds(d.pop("weekly_goal_seconds"))

        batch = cls(
            archived_at=archived_at,
            created_at=created_at,
            description=description,
            ends_on=ends_on,
            id=id,
            instructors=instructors,
            name=name,
            starts_on=starts_on,
            status=status,
            students=students,
            time_zone=time_zone,
            weekly_goal_seconds=weekly_goal_seconds,
        )

        batch.additional_properties = d
        return batch

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
