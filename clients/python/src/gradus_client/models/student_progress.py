from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.connection_state import ConnectionState
from ..models.progress_state import ProgressState

if TYPE_CHECKING:
    from ..models.coverage import Coverage
    from ..models.failing import Failing
    from ..models.yardstick import Yardstick


T = TypeVar("T", bound="StudentProgress")


@_attrs_define(kw_only=True)
class StudentProgress:
    """The progress of a student. `states`, `seconds` and `ai_seconds` have one element for each of the `days` of the
    response.

    """

    student_id: UUID
    name: str
    connection: ConnectionState
    """ The state of a connection. `connected`: the server has not rejected the credentials; if syncs fail, another
    property says why and since when. `needs_reconnect`: the server no longer accepts the credentials, and the user
    has to connect again. `not_connected`: there is no connection. """
    failing: Failing | None
    """ Since when and why days cannot be fetched; null if nothing is failing. """
    yardstick: Yardstick
    """ How a server measures the coding time of an account. Students are comparable if it is `standard` for all of
    them. """
    total: Coverage
    """ How much of a range of days is known. Never show `seconds` without it. It counts the days that have ended:
    today is not expected to be known. """
    states: list[ProgressState]
    seconds: list[int | None]
    """ The coding time of each day, including that of AI agents; null unless the state is `ok`, `empty` or
    `partial`. """
    ai_seconds: list[int | None]
    """ The part of the coding time of each day that AI agents coded; null if the server does not provide it. """
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

        yardstick = self.yardstick.to_dict()

        total = self.total.to_dict()

        states = []
        for states_item_data in self.states:
            states_item = states_item_data.value
            states.append(states_item)

        seconds = []
        for seconds_item_data in self.seconds:
            seconds_item: int | None
            seconds_item = seconds_item_data
            seconds.append(seconds_item)

        ai_seconds = []
        for ai_seconds_item_data in self.ai_seconds:
            ai_seconds_item: int | None
            ai_seconds_item = ai_seconds_item_data
            ai_seconds.append(ai_seconds_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "student_id": student_id,
                "name": name,
                "connection": connection,
                "failing": failing,
                "yardstick": yardstick,
                "total": total,
                "states": states,
                "seconds": seconds,
                "ai_seconds": ai_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.coverage import Coverage  # noqa: PLC0415
        from ..models.failing import Failing  # noqa: PLC0415
        from ..models.yardstick import Yardstick  # noqa: PLC0415

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

        yardstick = Yardstick.from_dict(d.pop("yardstick"))

        total = Coverage.from_dict(d.pop("total"))

        states = []
        _states = d.pop("states")
        for states_item_data in _states:
            states_item = ProgressState(states_item_data)

            states.append(states_item)

        seconds = []
        _seconds = d.pop("seconds")
        for seconds_item_data in _seconds:

            def _parse_seconds_item(data: object) -> int | None:
                if data is None:
                    return data
                return cast(int | None, data)

            seconds_item = _parse_seconds_item(seconds_item_data)

            seconds.append(seconds_item)

        ai_seconds = []
        _ai_seconds = d.pop("ai_seconds")
        for ai_seconds_item_data in _ai_seconds:

            def _parse_ai_seconds_item(data: object) -> int | None:
                if data is None:
                    return data
                return cast(int | None, data)

            ai_seconds_item = _parse_ai_seconds_item(ai_seconds_item_data)

            ai_seconds.append(ai_seconds_item)

        student_progress = cls(
            student_id=student_id,
            name=name,
            connection=connection,
            failing=failing,
            yardstick=yardstick,
            total=total,
            states=states,
            seconds=seconds,
            ai_seconds=ai_seconds,
        )

        student_progress.additional_properties = d
        return student_progress

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
