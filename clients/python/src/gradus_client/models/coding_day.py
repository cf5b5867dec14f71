from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.day_state import DayState
from ..models.reason import Reason

T = TypeVar("T", bound="CodingDay")


@_attrs_define(kw_only=True)
class CodingDay:
    """The coding time of a user on a day, and where it was fetched from or why it is missing."""

    day: datetime.date
    state: DayState
    """ The state of a day. Only `ok` and `empty` days are known; other days have no seconds, and must not be shown
    as zero. `ok`: fetched, with coding time. `empty`: fetched, without coding time. `pending`: not fetched yet, or
    still being computed by WakaTime. `plan_limited`: the plan of the WakaTime account does not show the day.
    `error`: could not be fetched, and will be retried. `disconnected`: there was no connection. """
    seconds: int | None
    """ The coding time; null if the day is not known. """
    final: bool
    """ Whether the day was fetched after it ended. """
    time_zone: None | str
    """ The time zone that the server used for the day; null if it was never fetched. """
    source: None | str
    """ The host that the day was fetched from; null if it was never fetched. """
    fetched_at: datetime.datetime | None
    """ When the day was last fetched; null if it never was. """
    attempts: int
    """ The number of attempts to fetch the day since it was last known. """
    reason: None | Reason
    """ Why the day is missing, or what is unusual about it; null if there is nothing to report. """
    reason_detail: None | str
    """ The reason, and what to do about it, as a sentence to show to the user; null if there is no reason. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        day = self.day.isoformat()

        state = self.state.value

        seconds: int | None
        seconds = self.seconds

        final = self.final

        time_zone: None | str
        time_zone = self.time_zone

        source: None | str
        source = self.source

        fetched_at: None | str
        if isinstance(self.fetched_at, datetime.datetime):
            fetched_at = self.fetched_at.isoformat()
        else:
            fetched_at = self.fetched_at

        attempts = self.attempts

        reason: None | str
        if isinstance(self.reason, Reason):
            reason = self.reason.value
        else:
            reason = self.reason

        reason_detail: None | str
        reason_detail = self.reason_detail

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "day": day,
                "state": state,
                "seconds": seconds,
                "final": final,
                "time_zone": time_zone,
                "source": source,
                "fetched_at": fetched_at,
                "attempts": attempts,
                "reason": reason,
                "reason_detail": reason_detail,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        day = datetime.date.fromisoformat(d.pop("day"))

        state = DayState(d.pop("state"))

        def _parse_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        seconds = _parse_seconds(d.pop("seconds"))

        final = d.pop("final")

        def _parse_time_zone(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        time_zone = _parse_time_zone(d.pop("time_zone"))

        def _parse_source(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        source = _parse_source(d.pop("source"))

        def _parse_fetched_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                fetched_at_type_0 = datetime.datetime.fromisoformat(data)

                return fetched_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        fetched_at = _parse_fetched_at(d.pop("fetched_at"))

        attempts = d.pop("attempts")

        def _parse_reason(data: object) -> None | Reason:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reason_type_1 = Reason(data)

                return reason_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Reason, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_reason_detail(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason_detail = _parse_reason_detail(d.pop("reason_detail"))

        coding_day = cls(
            day=day,
            state=state,
            seconds=seconds,
            final=final,
            time_zone=time_zone,
            source=source,
            fetched_at=fetched_at,
            attempts=attempts,
            reason=reason,
            reason_detail=reason_detail,
        )

        coding_day.additional_properties = d
        return coding_day

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
