from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.coding_day import CodingDay
    from ..models.coverage import Coverage


T = TypeVar("T", bound="CoverageReport")


@_attrs_define(kw_only=True)
class CoverageReport:
    """The coding days of a user, and why days are missing."""

    user_id: UUID
    time_zone: str
    """ The time zone of the days: the batch's time zone, or else the account's. """
    from_: datetime.date
    to: datetime.date
    total: Coverage
    """ How much of a range of days is known. Never show `seconds` without it. It counts the days that have ended:
    today is not expected to be known. """
    days: list[CodingDay]
    """ One entry for each tracked day of the range, today included, oldest first. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_id = str(self.user_id)

        time_zone = self.time_zone

        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        total = self.total.to_dict()

        days = []
        for days_item_data in self.days:
            days_item = days_item_data.to_dict()
            days.append(days_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "time_zone": time_zone,
                "from": from_,
                "to": to,
                "total": total,
                "days": days,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.coding_day import CodingDay  # noqa: PLC0415
        from ..models.coverage import Coverage  # noqa: PLC0415

        d = dict(src_dict)
        user_id = UUID(d.pop("user_id"))

        time_zone = d.pop("time_zone")

        from_ = datetime.date.fromisoformat(d.pop("from"))

        to = datetime.date.fromisoformat(d.pop("to"))

        total = Coverage.from_dict(d.pop("total"))

        days = []
        _days = d.pop("days")
        for days_item_data in _days:
            days_item = CodingDay.from_dict(days_item_data)

            days.append(days_item)

        coverage_report = cls(
            user_id=user_id,
            time_zone=time_zone,
            from_=from_,
            to=to,
            total=total,
            days=days,
        )

        coverage_report.additional_properties = d
        return coverage_report

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
