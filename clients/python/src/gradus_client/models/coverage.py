from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Coverage")


@_attrs_define(kw_only=True)
class Coverage:
    """How much of a range of days is known. Never show `seconds` without it. It counts the days that have ended: today is
    not expected to be known.

    """

    expected_days: int
    """ The number of days that have ended and should be known by now, summed over all students. All other counts
    except `share` and the seconds are parts of it. """
    known_days: int
    """ The number of these days that are known. """
    ok_days: int
    empty_days: int
    partial_days: int
    pending_days: int
    plan_limited_days: int
    error_days: int
    disconnected_days: int
    share: float
    """ The fraction of expected days that are known; 1 if no days are expected. """
    seconds: int
    """ The coding time of the known days, including that of AI agents. """
    ai_seconds: int
    """ The part of `seconds` that AI agents coded, as far as the servers provide it. """
    ai_unknown_days: int
    """ The number of known days whose server does not provide the time of AI agents. """
    partial_seconds: int
    """ The coding time seen so far on today and on partial days. `seconds` does not include it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        expected_days = self.expected_days

        known_days = self.known_days

        ok_days = self.ok_days

        empty_days = self.empty_days

        partial_days = self.partial_days

        pending_days = self.pending_days

        plan_limited_days = self.plan_limited_days

        error_days = self.error_days

        disconnected_days = self.disconnected_days

        share = self.share

        seconds = self.seconds

        ai_seconds = self.ai_seconds

        ai_unknown_days = self.ai_unknown_days

        partial_seconds = self.partial_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "expected_days": expected_days,
                "known_days": known_days,
                "ok_days": ok_days,
                "empty_days": empty_days,
                "partial_days": partial_days,
                "pending_days": pending_days,
                "plan_limited_days": plan_limited_days,
                "error_days": error_days,
                "disconnected_days": disconnected_days,
                "share": share,
                "seconds": seconds,
                "ai_seconds": ai_seconds,
                "ai_unknown_days": ai_unknown_days,
                "partial_seconds": partial_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        expected_days = d.pop("expected_days")

        known_days = d.pop("known_days")

        ok_days = d.pop("ok_days")

        empty_days = d.pop("empty_days")

        partial_days = d.pop("partial_days")

        pending_days = d.pop("pending_days")

        plan_limited_days = d.pop("plan_limited_days")

        error_days = d.pop("error_days")

        disconnected_days = d.pop("disconnected_days")

        share = d.pop("share")

        seconds = d.pop("seconds")

        ai_seconds = d.pop("ai_seconds")

        ai_unknown_days = d.pop("ai_unknown_days")

        partial_seconds = d.pop("partial_seconds")

        coverage = cls(
            expected_days=expected_days,
            known_days=known_days,
            ok_days=ok_days,
            empty_days=empty_days,
            partial_days=partial_days,
            pending_days=pending_days,
            plan_limited_days=plan_limited_days,
            error_days=error_days,
            disconnected_days=disconnected_days,
            share=share,
            seconds=seconds,
            ai_seconds=ai_seconds,
            ai_unknown_days=ai_unknown_days,
            partial_seconds=partial_seconds,
        )

        coverage.additional_properties = d
        return coverage

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
