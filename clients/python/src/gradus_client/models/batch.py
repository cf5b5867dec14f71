from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ai_time import AITime
from ..models.batch_status import BatchStatus

T = TypeVar("T", bound="Batch")


@_attrs_define(kw_only=True)
class Batch:
    """A class with a start and an end date. Its time zone defines the coding days of its students."""

    id: UUID
    name: str
    description: str
    starts_on: datetime.date
    """ The first day of the batch. """
    ends_on: datetime.date
    """ The last day of the batch. """
    time_zone: str
    """ The IANA time zone that defines the coding days of the students. """
    weekly_goal_seconds: int | None
    """ The weekly coding time expected of each student; null if there is no goal. """
    ai_time: AITime
    """ Whether the time that AI agents coded counts in class numbers such as medians. `exclude`: it does not.
    `include`: it does. Totals always include it, and `ai_seconds` next to them says how much of it there is. A new
    batch excludes it unless the request says otherwise. """
    status: BatchStatus
    """ The status of a batch today, in the batch's time zone. """
    students: int
    """ The number of students currently enrolled. """
    instructors: int
    """ The number of instructors currently assigned. """
    archived_at: datetime.datetime | None
    """ When the batch was archived; null if it is not archived. """
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name = self.name

        description = self.description

        starts_on = self.starts_on.isoformat()

        ends_on = self.ends_on.isoformat()

        time_zone = self.time_zone

        weekly_goal_seconds: int | None
        weekly_goal_seconds = self.weekly_goal_seconds

        ai_time = self.ai_time.value

        status = self.status.value

        students = self.students

        instructors = self.instructors

        archived_at: None | str
        if isinstance(self.archived_at, datetime.datetime):
            archived_at = self.archived_at.isoformat()
        else:
            archived_at = self.archived_at

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "description": description,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "time_zone": time_zone,
                "weekly_goal_seconds": weekly_goal_seconds,
                "ai_time": ai_time,
                "status": status,
                "students": students,
                "instructors": instructors,
                "archived_at": archived_at,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        description = d.pop("description")

        starts_on = datetime.date.fromisoformat(d.pop("starts_on"))

        ends_on = datetime.date.fromisoformat(d.pop("ends_on"))

        time_zone = d.pop("time_zone")

        def _parse_weekly_goal_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        weekly_goal_seconds = _parse_weekly_goal_seconds(d.pop("weekly_goal_seconds"))

        ai_time = AITime(d.pop("ai_time"))

        status = BatchStatus(d.pop("status"))

        students = d.pop("students")

        instructors = d.pop("instructors")

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

        batch = cls(
            id=id,
            name=name,
            description=description,
            starts_on=starts_on,
            ends_on=ends_on,
            time_zone=time_zone,
            weekly_goal_seconds=weekly_goal_seconds,
            ai_time=ai_time,
            status=status,
            students=students,
            instructors=instructors,
            archived_at=archived_at,
            created_at=created_at,
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
