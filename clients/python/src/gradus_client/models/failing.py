from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.reason import Reason

T = TypeVar("T", bound="Failing")


@_attrs_define(kw_only=True)
class Failing:
    """Since when and why a student's days cannot be fetched."""

    since: datetime.datetime
    """ When the first of the consecutive failures occurred. """
    reason: Reason
    """ Why a day is missing, why a sync failed, or what is unusual about a day. New reasons may be added: show the
    sentence next to it, which says what to do. """
    detail: str
    """ The reason, and what to do about it, as a sentence to show. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        since = self.since.isoformat()

        reason = self.reason.value

        detail = self.detail

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "since": since,
                "reason": reason,
                "detail": detail,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        since = datetime.datetime.fromisoformat(d.pop("since"))

        reason = Reason(d.pop("reason"))

        detail = d.pop("detail")

        failing = cls(
            since=since,
            reason=reason,
            detail=detail,
        )

        failing.additional_properties = d
        return failing

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
