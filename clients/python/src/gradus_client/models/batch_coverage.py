from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.coverage import Coverage
    from ..models.student_gap import StudentGap


T = TypeVar("T", bound="BatchCoverage")


@_attrs_define(kw_only=True)
class BatchCoverage:
    """The students of a batch who have missing days or a failing connection: a page of them."""

    batch_id: UUID
    time_zone: str
    """ The batch's time zone, which defines the days. """
    from_: datetime.date
    to: datetime.date
    total: Coverage | None
    """ The coverage of all students of the batch, not only those on this page. Null on later pages, which are
    requested with `after`. """
    items: list[StudentGap]
    next_: None | str
    """ Send it as `after` to get the next page; null on the last page. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.coverage import Coverage  # noqa: PLC0415

        batch_id = str(self.batch_id)

        time_zone = self.time_zone

        from_ = self.from_.isoformat()

        to = self.to.isoformat()

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
                "from": from_,
                "to": to,
                "total": total,
                "items": items,
                "next": next_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.coverage import Coverage  # noqa: PLC0415
        from ..models.student_gap import StudentGap  # noqa: PLC0415

        d = dict(src_dict)
        batch_id = UUID(d.pop("batch_id"))

        time_zone = d.pop("time_zone")

        from_ = datetime.date.fromisoformat(d.pop("from"))

        to = datetime.date.fromisoformat(d.pop("to"))

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
            items_item = StudentGap.from_dict(items_item_data)

            items.append(items_item)

        def _parse_next_(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_ = _parse_next_(d.pop("next"))

        batch_coverage = cls(
            batch_id=batch_id,
            time_zone=time_zone,
            from_=from_,
            to=to,
            total=total,
            items=items,
            next_=next_,
        )

        batch_coverage.additional_properties = d
        return batch_coverage

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
