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
    from ..models.student_progress import StudentProgress


T = TypeVar("T", bound="BatchProgress")


@_attrs_define(kw_only=True)
class BatchProgress:
    """The progress of a batch: a page of students, with a range of days for each."""

    batch_id: UUID
    time_zone: str
    """ The batch's time zone, which defines the days. """
    measure: Measure
    """ How coding time counts in a batch. Gradus requests all servers to measure in the same way, so that students
    are comparable; `Yardstick` says whether a server does. """
    from_: datetime.date
    to: datetime.date
    days: list[datetime.date]
    """ The days of the range, oldest first. """
    total: Coverage | None
    """ The coverage of all students of the batch, not only those on this page. Null on later pages, which are
    requested with `after`. """
    items: list[StudentProgress]
    next_: None | str
    """ Send it as `after` to get the next page; null on the last page. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.coverage import Coverage  # noqa: PLC0415

        batch_id = str(self.batch_id)

        time_zone = self.time_zone

        measure = self.measure.to_dict()

        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        days = []
        for days_item_data in self.days:
            days_item = days_item_data.isoformat()
            days.append(days_item)

        total: dict[str, Any] | None
        if isinstance(self.total, Coverage):
            total = self.total.to_dict()
        else:
            total = self.total

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        next_: None | str
        next_ = self.next_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "batch_id": batch_id,
                "time_zone": time_zone,
                "measure": measure,
                "from": from_,
                "to": to,
                "days": days,
                "total": total,
                "items": items,
                "next": next_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.coverage import Coverage  # noqa: PLC0415
        from ..models.measure import Measure  # noqa: PLC0415
        from ..models.student_progress import StudentProgress  # noqa: PLC0415

        d = dict(src_dict)
        batch_id = UUID(d.pop("batch_id"))

        time_zone = d.pop("time_zone")

        measure = Measure.from_dict(d.pop("measure"))

        from_ = datetime.date.fromisoformat(d.pop("from"))

        to = datetime.date.fromisoformat(d.pop("to"))

        days = []
        _days = d.pop("days")
        for days_item_data in _days:
            days_item = datetime.date.fromisoformat(days_item_data)

            days.append(days_item)

        def _parse_total(data: object) -> Coverage | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                total_type_0 = Coverage.from_dict(data)

                return total_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Coverage | None, data)

        total = _parse_total(d.pop("total"))

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = StudentProgress.from_dict(items_item_data)

            items.append(items_item)

        def _parse_next_(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_ = _parse_next_(d.pop("next"))

        batch_progress = cls(
            batch_id=batch_id,
            time_zone=time_zone,
            measure=measure,
            from_=from_,
            to=to,
            days=days,
            total=total,
            items=items,
            next_=next_,
        )

        batch_progress.additional_properties = d
        return batch_progress

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
