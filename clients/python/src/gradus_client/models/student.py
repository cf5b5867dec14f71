from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.connection_state import ConnectionState
from ..models.enrolment_status import EnrolmentStatus

if TYPE_CHECKING:
    from ..models.coverage import Coverage
    from ..models.failing import Failing


T = TypeVar("T", bound="Student")


@_attrs_define(kw_only=True)
class Student:
    """A user who is enrolled in a batch."""

    id: UUID
    """ The ID of the user. """
    name: str
    email: str
    batch_id: UUID
    batch_name: str
    time_zone: str
    """ The batch's time zone, which defines the student's coding days. """
    status: EnrolmentStatus
    """ The status of a student in their batch. """
    enrolled_at: datetime.datetime
    connection: ConnectionState
    """ The state of a connection. `connected`: the server has not rejected the credentials; if syncs fail, another
    property says why and since when. `needs_reconnect`: the server no longer accepts the credentials, and the user
    has to connect again. `not_connected`: there is no connection. """
    failing: Failing | None
    """ Since when and why days cannot be fetched; null if nothing is failing. """
    last_week: Coverage
    """ How much of a range of days is known. Never show `seconds` without it. It counts the days that have ended:
    today is not expected to be known. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.failing import Failing  # noqa: PLC0415

        id = str(self.id)

        name = self.name

        email = self.email

        batch_id = str(self.batch_id)

        batch_name = self.batch_name

        time_zone = self.time_zone

        status = self.status.value

        enrolled_at = self.enrolled_at.isoformat()

        connection = self.connection.value

        failing: dict[str, Any] | None
        if isinstance(self.failing, Failing):
            failing = self.failing.to_dict()
        else:
            failing = self.failing

        last_week = self.last_week.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "email": email,
                "batch_id": batch_id,
                "batch_name": batch_name,
                "time_zone": time_zone,
                "status": status,
                "enrolled_at": enrolled_at,
                "connection": connection,
                "failing": failing,
                "last_week": last_week,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.coverage import Coverage  # noqa: PLC0415
        from ..models.failing import Failing  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        email = d.pop("email")

        batch_id = UUID(d.pop("batch_id"))

        batch_name = d.pop("batch_name")

        time_zone = d.pop("time_zone")

        status = EnrolmentStatus(d.pop("status"))

        enrolled_at = datetime.datetime.fromisoformat(d.pop("enrolled_at"))

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

        last_week = Coverage.from_dict(d.pop("last_week"))

        student = cls(
            id=id,
            name=name,
            email=email,
            batch_id=batch_id,
            batch_name=batch_name,
            time_zone=time_zone,
            status=status,
            enrolled_at=enrolled_at,
            connection=connection,
            failing=failing,
            last_week=last_week,
        )

        student.additional_properties = d
        return student

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
