from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.ai_time import AITime
from ..types import UNSET, Unset

T = TypeVar("T", bound="BatchPatch")


@_attrs_define(kw_only=True)
class BatchPatch:
    """The properties to update. Properties that you leave out keep their values."""

    name: str | Unset = UNSET
    description: str | Unset = UNSET
    starts_on: datetime.date | Unset = UNSET
    """ The first day of the batch, from 1900-01-01 to 2999-12-31. """
    ends_on: datetime.date | Unset = UNSET
    """ The last day of the batch, until 2999-12-31: not before the first day, and at most three years after it. """
    time_zone: str | Unset = UNSET
    """ An IANA time zone name. For an old name, the current one is stored. Days that were fetched for the old time
    zone are fetched again. """
    weekly_goal_seconds: int | None | Unset = UNSET
    """ The weekly coding time expected of each student; null removes the goal. """
    ai_time: AITime | Unset = UNSET
    """ Whether the time that AI agents coded counts in class numbers such as medians. `exclude`: it does not.
    `include`: it does. Totals always include it, and `ai_seconds` next to them says how much of it there is. A new
    batch excludes it unless the request says otherwise. """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        description = self.description

        starts_on: str | Unset = UNSET
        if not isinstance(self.starts_on, Unset):
            starts_on = self.starts_on.isoformat()

        ends_on: str | Unset = UNSET
        if not isinstance(self.ends_on, Unset):
            ends_on = self.ends_on.isoformat()

        time_zone = self.time_zone

        weekly_goal_seconds: int | None | Unset
        if isinstance(self.weekly_goal_seconds, Unset):
            weekly_goal_seconds = UNSET
        else:
            weekly_goal_seconds = self.weekly_goal_seconds

        ai_time: str | Unset = UNSET
        if not isinstance(self.ai_time, Unset):
            ai_time = self.ai_time.value

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if starts_on is not UNSET:
            field_dict["starts_on"] = starts_on
        if ends_on is not UNSET:
            field_dict["ends_on"] = ends_on
        if time_zone is not UNSET:
            field_dict["time_zone"] = time_zone
        if weekly_goal_seconds is not UNSET:
            field_dict["weekly_goal_seconds"] = weekly_goal_seconds
        if ai_time is not UNSET:
            field_dict["ai_time"] = ai_time

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name", UNSET)

        description = d.pop("description", UNSET)

        _starts_on = d.pop("starts_on", UNSET)
        starts_on: datetime.date | Unset
        if isinstance(_starts_on, Unset):
            starts_on = UNSET
        else:
            starts_on = datetime.date.fromisoformat(_starts_on)

        _ends_on = d.pop("ends_on", UNSET)
        ends_on: datetime.date | Unset
        if isinstance(_ends_on, Unset):
            ends_on = UNSET
        else:
            ends_on = datetime.date.fromisoformat(_ends_on)

        time_zone = d.pop("time_zone", UNSET)

        def _parse_weekly_goal_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        weekly_goal_seconds = _parse_weekly_goal_seconds(d.pop("weekly_goal_seconds", UNSET))

        _ai_time = d.pop("ai_time", UNSET)
        ai_time: AITime | Unset
        if isinstance(_ai_time, Unset):
            ai_time = UNSET
        else:
            ai_time = AITime(_ai_time)

        batch_patch = cls(
            name=name,
            description=description,
            starts_on=starts_on,
            ends_on=ends_on,
            time_zone=time_zone,
            weekly_goal_seconds=weekly_goal_seconds,
            ai_time=ai_time,
        )

        return batch_patch
