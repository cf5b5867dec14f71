from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.coverage import Coverage
    from ..models.student_gap import StudentGap


T = TypeVar("T", bound="BatchCoverage")


@_attrs_define(kw_only=True)
class BatchCoverage:
    """The students of a batch who have missing days or a failing connection."""

    batch_id: UUID
    time_zone: str
    """ The batch's time zone, which defines the days. """
    from_: datetime.date
    to: datetime.date
    total: Coverage
    """ How much of a range of days is known. Never show `seconds` without it. It counts the days that have ended:
    today is not expected to be known. """
    gaps: list[StudentGap]
    """ The students with missing days or a failing connection. Students with the most missing days come first. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        batch_id = str(self.batch_id)

        time_zone = self.time_zone

        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        total = self.total.to_dict()

        gaps = []
        for gaps_item_data in self.gaps:
            gaps_item = gaps_item_data.to_dict()
            gaps.append(gaps_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "batch_id": batch_id,
                "time_zone": time_zone,
                "from": from_,
                "to": to,
                "total": total,
                "gaps": gaps,
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

        total = Coverage.from_dict(d.pop("total"))

        gaps = []
        _gaps = d.pop("gaps")
        for gaps_item_data in _gaps:
            gaps_item = StudentGap.from_dict(gaps_item_data)

            gaps.append(gaps_item)

        batch_coverage = cls(
            batch_id=batch_id,
            time_zone=time_zone,
            from_=from_,
            to=to,
            total=total,
            gaps=gaps,
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
