from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TrackedAccount")


@_attrs_define(kw_only=True)
class TrackedAccount:
    """An account at WakaTime or a compatible server that days of a student came from."""

    id: UUID
    server: str
    """ The name of the server: its host, or `WakaTime`. """
    username: None | str
    """ Null if the server does not return it. """
    current: bool
    """ Whether it is the connected account, or was the last one. """
    accepted_at: datetime.datetime | None
    """ When staff accepted the account; null if they did not. """
    first_day: datetime.date | None
    """ The first day with coding time at the account; null if there is none. """
    last_day: datetime.date | None
    """ The last day with coding time at the account; null if there is none. """
    days: int
    """ The number of days with coding time at the account. """
    seconds: int
    """ The coding time of these days. """
    counted_days: int
    """ The number of days that count for the student, of those fetched from the account. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        server = self.server

        username: None | str
        username = self.username

        current = self.current

        accepted_at: None | str
        if isinstance(self.accepted_at, datetime.datetime):
            accepted_at = self.accepted_at.isoformat()
        else:
            accepted_at = self.accepted_at

        first_day: None | str
        if isinstance(self.first_day, datetime.date):
            first_day = self.first_day.isoformat()
        else:
            first_day = self.first_day

        last_day: None | str
        if isinstance(self.last_day, datetime.date):
            last_day = self.last_day.isoformat()
        else:
            last_day = self.last_day

        days = self.days

        seconds = self.seconds

        counted_days = self.counted_days

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "server": server,
                "username": username,
                "current": current,
                "accepted_at": accepted_at,
                "first_day": first_day,
                "last_day": last_day,
                "days": days,
                "seconds": seconds,
                "counted_days": counted_days,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        server = d.pop("server")

        def _parse_username(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        username = _parse_username(d.pop("username"))

        current = d.pop("current")

        def _parse_accepted_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                accepted_at_type_0 = datetime.datetime.fromisoformat(data)

                return accepted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        accepted_at = _parse_accepted_at(d.pop("accepted_at"))

        def _parse_first_day(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                first_day_type_0 = datetime.date.fromisoformat(data)

                return first_day_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        first_day = _parse_first_day(d.pop("first_day"))

        def _parse_last_day(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_day_type_0 = datetime.date.fromisoformat(data)

                return last_day_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        last_day = _parse_last_day(d.pop("last_day"))

        days = d.pop("days")

        seconds = d.pop("seconds")

        counted_days = d.pop("counted_days")

        tracked_account = cls(
            id=id,
            server=server,
            username=username,
            current=current,
            accepted_at=accepted_at,
            first_day=first_day,
            last_day=last_day,
            days=days,
            seconds=seconds,
            counted_days=counted_days,
        )

        tracked_account.additional_properties = d
        return tracked_account

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
