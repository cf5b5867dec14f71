from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.connection_state import ConnectionState
from ..models.reason import Reason

if TYPE_CHECKING:
    from ..models.coverage import Coverage
    from ..models.failing import Failing


T = TypeVar("T", bound="StudentGap")


@_attrs_define(kw_only=True)
class StudentGap:
    """A student with missing days or a failing connection. Missing days are days that should be known but are not, or that
    were fetched for another time zone than the batch's (reason `other_time_zone`; these count as known).

    """

    student_id: UUID
    name: str
    connection: ConnectionState
    """ The state of a connection. `connected`: the server has not rejected the credentials; if syncs fail, another
    property says why and since when. `needs_reconnect`: the server no longer accepts the credentials, and the user
    has to connect again. `not_connected`: there is no connection. """
    failing: Failing | None
    """ Since when and why days cannot be fetched; null if nothing is failing. """
    server: None | str
    """ The name of the server of the current or last account: its host, or `WakaTime`; null if no account was ever
    connected. """
    total: Coverage
    """ How much of a range of days is known. Never show `seconds` without it. It counts the days that have ended:
    today is not expected to be known. """
    since: datetime.date
    """ The first missing day in the range; today if only the connection is failing. """
    reason: None | Reason
    """ The reason of the latest missing day, or of the failing connection; null if there is none. """
    reason_detail: None | str
    """ The reason, and what to do about it, as a sentence to show to the user; null if there is no reason. """
    last_synced_at: datetime.datetime | None
    """ When the last successful sync ended; null if there was none. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.failing import Failing  # noqa: PLC0415

        student_id = str(self.student_id)

        name = self.name

        connection = self.connection.value

        failing: dict[str, Any] | None
        if isinstance(self.failing, Failing):
            failing = self.failing.to_dict()
        else:
            failing = self.failing

        server: None | str
        server = self.server

        total = self.total.to_dict()

        since = self.since.isoformat()

        reason: None | str
        if isinstance(self.reason, Reason):
            reason = self.reason.value
        else:
            reason = self.reason

        reason_detail: None | str
        reason_detail = self.reason_detail

        last_synced_at: None | str
        if isinstance(self.last_synced_at, datetime.datetime):
            last_synced_at = self.last_synced_at.isoformat()
        else:
            last_synced_at = self.last_synced_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "student_id": student_id,
                "name": name,
                "connection": connection,
                "failing": failing,
                "server": server,
                "total": total,
                "since": since,
                "reason": reason,
                "reason_detail": reason_detail,
                "last_synced_at": last_synced_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.coverage import Coverage  # noqa: PLC0415
        from ..models.failing import Failing  # noqa: PLC0415

        d = dict(src_dict)
        student_id = UUID(d.pop("student_id"))

        name = d.pop("name")

        connection = ConnectionState(d.pop("connection"))

        def _parse_failing(data: object) -> Failing | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                failing_type_0 = Failing.from_dict(data)

                return failing_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Failing | None, data)

        failing = _parse_failing(d.pop("failing"))

        def _parse_server(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        server = _parse_server(d.pop("server"))

        total = Coverage.from_dict(d.pop("total"))

        since = datetime.date.fromisoformat(d.pop("since"))

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

        def _parse_last_synced_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_synced_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_synced_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_synced_at = _parse_last_synced_at(d.pop("last_synced_at"))

        student_gap = cls(
            student_id=student_id,
            name=name,
            connection=connection,
            failing=failing,
            server=server,
            total=total,
            since=since,
            reason=reason,
            reason_detail=reason_detail,
            last_synced_at=last_synced_at,
        )

        student_gap.additional_properties = d
        return student_gap

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
