from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.active_batch import ActiveBatch
    from ..models.coding_total import CodingTotal
    from ..models.student import Student
    from ..models.user_counts import UserCounts


T = TypeVar("T", bound="Dashboard")


@_attrs_define(kw_only=True)
class Dashboard:
    """An overview of the school. All values are from the same moment."""

    at: datetime.datetime
    """ When the values were read. """
    users: UserCounts
    """ The number of users with each role. """
    active_batches: int
    """ The number of active batches; 1000 means 1000 or more. """
    students_enrolled: int
    students_connected: int
    """ The number of enrolled students whose connection has not ended. """
    last_7_days: CodingTotal
    """ The coding time of all students over the last days, including today. """
    last_30_days: CodingTotal
    """ The coding time of all students over the last days, including today. """
    newest_students: list[Student]
    """ The students who enrolled last, newest first. """
    batches: list[ActiveBatch]
    """ The active batches that end first, at most 20, sorted by end date. """
    jobs_failing: int
    """ The number of background jobs that failed and will be retried, or were given up; 100 means 100 or more. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        users = self.users.to_dict()

        active_batches = self.active_batches

        students_enrolled = self.students_enrolled

        students_connected = self.students_connected

        last_7_days = self.last_7_days.to_dict()

        last_30_days = self.last_30_days.to_dict()

        newest_students = []
        for newest_students_item_data in self.newest_students:
            newest_students_item = newest_students_item_data.to_dict()
            newest_students.append(newest_students_item)

        batches = []
        for batches_item_data in self.batches:
            batches_item = batches_item_data.to_dict()
            batches.append(batches_item)

        jobs_failing = self.jobs_failing

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "users": users,
                "active_batches": active_batches,
                "students_enrolled": students_enrolled,
                "students_connected": students_connected,
                "last_7_days": last_7_days,
                "last_30_days": last_30_days,
                "newest_students": newest_students,
                "batches": batches,
                "jobs_failing": jobs_failing,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.active_batch import ActiveBatch  # noqa: PLC0415
        from ..models.coding_total import CodingTotal  # noqa: PLC0415
        from ..models.student import Student  # noqa: PLC0415
        from ..models.user_counts import UserCounts  # noqa: PLC0415

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        users = UserCounts.from_dict(d.pop("users"))

        active_batches = d.pop("active_batches")

        students_enrolled = d.pop("students_enrolled")

        students_connected = d.pop("students_connected")

        last_7_days = CodingTotal.from_dict(d.pop("last_7_days"))

        last_30_days = CodingTotal.from_dict(d.pop("last_30_days"))

        newest_students = []
        _newest_students = d.pop("newest_students")
        for newest_students_item_data in _newest_students:
            newest_students_item = Student.from_dict(newest_students_item_data)

            newest_students.append(newest_students_item)

        batches = []
        _batches = d.pop("batches")
        for batches_item_data in _batches:
            batches_item = ActiveBatch.from_dict(batches_item_data)

            batches.append(batches_item)

        jobs_failing = d.pop("jobs_failing")

        dashboard = cls(
            at=at,
            users=users,
            active_batches=active_batches,
            students_enrolled=students_enrolled,
            students_connected=students_connected,
            last_7_days=last_7_days,
            last_30_days=last_30_days,
            newest_students=newest_students,
            batches=batches,
            jobs_failing=jobs_failing,
        )

        dashboard.additional_properties = d
        return dashboard

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
