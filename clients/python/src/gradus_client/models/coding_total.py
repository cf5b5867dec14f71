from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CodingTotal")


@_attrs_define(kw_only=True)
class CodingTotal:
    """The coding time of all students over the last days, including today."""

    days: int
    seconds: int
    """ The sum of the coding time of the known days, including that of AI agents. """
    ai_seconds: int
    """ The part of `seconds` that AI agents coded, as far as the servers provide it. """
    partial_seconds: int
    """ The coding time seen so far on today and on partial days. `seconds` does not include it. """
    known_days: int
    """ The number of days that are known, summed over all students. """
    ai_unknown_days: int
    """ The number of known days whose server does not provide the time of AI agents. """
    partial_days: int
    """ The number of partial days, including today, summed over all students. """
    missed_days: int
    """ The number of days that could not be fetched, summed over all students. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        days = self.days

        seconds = self.seconds

        ai_seconds = self.ai_seconds

        partial_seconds = self.partial_seconds

        known_days = self.known_days

        ai_unknown_days = self.ai_unknown_days

        partial_days = self.partial_days

        missed_days = self.missed_days

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "days": days,
                "seconds": seconds,
                "ai_seconds": ai_seconds,
                "partial_seconds": partial_seconds,
                "known_days": known_days,
                "ai_unknown_days": ai_unknown_days,
                "partial_days": partial_days,
                "missed_days": missed_days,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        days = d.pop("days")

        seconds = d.pop("seconds")

        ai_seconds = d.pop("ai_seconds")

        partial_seconds = d.pop("partial_seconds")

        known_days = d.pop("known_days")

        ai_unknown_days = d.pop("ai_unknown_days")

        partial_days = d.pop("partial_days")

        missed_days = d.pop("missed_days")

        coding_total = cls(
            days=days,
            seconds=seconds,
            ai_seconds=ai_seconds,
            partial_seconds=partial_seconds,
            known_days=known_days,
            ai_unknown_days=ai_unknown_days,
            partial_days=partial_days,
            missed_days=missed_days,
        )

        coding_total.additional_properties = d
        return coding_total

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
