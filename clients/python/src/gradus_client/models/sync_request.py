from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SyncRequest")


@_attrs_define(kw_only=True)
class SyncRequest:
    """The range of days to fetch. Without `from` and `to`, it is the last week and all missing days."""

    from_: datetime.date | Unset = UNSET
    """ The first day, from 1900-01-01 to 2999-12-31. If you leave it out, the range is the 30 days that end with
    `to`. """
    to: datetime.date | Unset = UNSET
    """ The last day, inclusive, from 1900-01-01 to 2999-12-31. Defaults to today. A range has at most 366 days. """

    def to_dict(self) -> dict[str, Any]:
        from_: str | Unset = UNSET
        if not isinstance(self.from_, Unset):
            from_ = self.from_.isoformat()

        to: str | Unset = UNSET
        if not isinstance(self.to, Unset):
            to = self.to.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if from_ is not UNSET:
            field_dict["from"] = from_
        if to is not UNSET:
            field_dict["to"] = to

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _from_ = d.pop("from", UNSET)
        from_: datetime.date | Unset
        if isinstance(_from_, Unset):
            from_ = UNSET
        else:
            from_ = datetime.date.fromisoformat(_from_)

        _to = d.pop("to", UNSET)
        to: datetime.date | Unset
        if isinstance(_to, Unset):
            to = UNSET
        else:
            to = datetime.date.fromisoformat(_to)

        sync_request = cls(
            from_=from_,
            to=to,
        )

        return sync_request
