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
    """ The state of a day. Only `ok` and `empty` days are known: they were fetched after they ended, with coding
    time (`ok`) or without (`empty`). `partial`: last fetched before the day ended, which includes today; it has the
    seconds seen so far, which are never counted as known. The others have no seconds, and must not be shown as
    zero. `pending`: not fetched yet, or still being computed by the server. `plan_limited`: the plan of the
    connected account does not include the day. `error`: could not be fetched, and will be retried. `disconnected`:
    there was no connection. """
    seconds: int | None
    """ The coding time, including that of AI agents; null unless the state is `ok`, `empty` or `partial`. Do not
    add the seconds of a `partial` day to those of known days. """
    ai_seconds: int | None
    """ The part of `seconds` that AI agents coded; null if the server does not provide it, and if `seconds` is
    null. """
    other_account_seconds: int | None
    """ The coding time of this day at other accounts of the user, which does not count; null if there is none. """
    time_zone: None | str
    """ The time zone that the server used for the day; null if it was never fetched. """
    source: None | str
    """ The host that the day was fetched from, or is to be fetched from; null if no account was ever connected. """
    account: None | str
    """ The username of the account that the day was fetched from; null if it was never fetched, or if the server
    does not return usernames. """
    checked_at: datetime.datetime | None
    """ When Gradus last asked the server for the day and got a response; null if it never did. The day may not have
    changed since. """
    changed_at: datetime.datetime | None
    """ When the stored data of the day last changed; null if nothing is stored. """
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

        ai_seconds: int | None
        ai_seconds = self.ai_seconds

        other_account_seconds: int | None
        other_account_seconds = self.other_account_seconds

        time_zone: None | str
        time_zone = self.time_zone

        source: None | str
        source = self.source

        account: None | str
        account = self.account

        checked_at: None | str
        if isinstance(self.checked_at, datetime.datetime):
            checked_at = self.checked_at.isoformat()
        else:
            checked_at = self.checked_at

        changed_at: None | str
        if isinstance(self.changed_at, datetime.datetime):
            changed_at = self.changed_at.isoformat()
        else:
            changed_at = self.changed_at

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
                "ai_seconds": ai_seconds,
                "other_account_seconds": other_account_seconds,
                "time_zone": time_zone,
                "source": source,
                "account": account,
                "checked_at": checked_at,
                "changed_at": changed_at,
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

        def _parse_ai_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ai_seconds = _parse_ai_seconds(d.pop("ai_seconds"))

        def _parse_other_account_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        other_account_seconds = _parse_other_account_seconds(d.pop("other_account_seconds"))

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

        def _parse_account(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        account = _parse_account(d.pop("account"))

        def _parse_checked_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                checked_at_type_0 = datetime.datetime.fromisoformat(data)

                return checked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        checked_at = _parse_checked_at(d.pop("checked_at"))

        def _parse_changed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                changed_at_type_0 = datetime.datetime.fromisoformat(data)

                return changed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        changed_at = _parse_changed_at(d.pop("changed_at"))

        attempts = d.pop("attempts")

        def _parse_reason(data: object) -> None | Reason:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reason_type_0 = Reason(data)

                return reason_type_0
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
            ai_seconds=ai_seconds,
            other_account_seconds=other_account_seconds,
            time_zone=time_zone,
            source=source,
            account=account,
            checked_at=checked_at,
            changed_at=changed_at,
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
