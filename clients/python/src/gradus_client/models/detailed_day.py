from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.day_state import DayState
from ..models.reason import Reason

if TYPE_CHECKING:
    from ..models.part import Part


T = TypeVar("T", bound="DetailedDay")


@_attrs_define(kw_only=True)
class DetailedDay:
    """A coding day with the breakdown of its time."""

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
    languages: list[Part]
    projects: list[Part]
    editors: list[Part]
    operating_systems: list[Part]
    categories: list[Part]
    dependencies: list[Part]
    machines: list[Part]
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

        languages = []
        for languages_item_data in self.languages:
            languages_item = languages_item_data.to_dict()
            languages.append(languages_item)

        projects = []
        for projects_item_data in self.projects:
            projects_item = projects_item_data.to_dict()
            projects.append(projects_item)

        editors = []
        for editors_item_data in self.editors:
            editors_item = editors_item_data.to_dict()
            editors.append(editors_item)

        operating_systems = []
        for operating_systems_item_data in self.operating_systems:
            operating_systems_item = operating_systems_item_data.to_dict()
            operating_systems.append(operating_systems_item)

        categories = []
        for categories_item_data in self.categories:
            categories_item = categories_item_data.to_dict()
            categories.append(categories_item)

        dependencies = []
        for dependencies_item_data in self.dependencies:
            dependencies_item = dependencies_item_data.to_dict()
            dependencies.append(dependencies_item)

        machines = []
        for machines_item_data in self.machines:
            machines_item = machines_item_data.to_dict()
            machines.append(machines_item)

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
                "languages": languages,
                "projects": projects,
                "editors": editors,
                "operating_systems": operating_systems,
                "categories": categories,
                "dependencies": dependencies,
                "machines": machines,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.part import Part  # noqa: PLC0415

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

        languages = []
        _languages = d.pop("languages")
        for languages_item_data in _languages:
            languages_item = Part.from_dict(languages_item_data)

            languages.append(languages_item)

        projects = []
        _projects = d.pop("projects")
        for projects_item_data in _projects:
            projects_item = Part.from_dict(projects_item_data)

            projects.append(projects_item)

        editors = []
        _editors = d.pop("editors")
        for editors_item_data in _editors:
            editors_item = Part.from_dict(editors_item_data)

            editors.append(editors_item)

        operating_systems = []
        _operating_systems = d.pop("operating_systems")
        for operating_systems_item_data in _operating_systems:
            operating_systems_item = Part.from_dict(operating_systems_item_data)

            operating_systems.append(operating_systems_item)

        categories = []
        _categories = d.pop("categories")
        for categories_item_data in _categories:
            categories_item = Part.from_dict(categories_item_data)

            categories.append(categories_item)

        dependencies = []
        _dependencies = d.pop("dependencies")
        for dependencies_item_data in _dependencies:
            dependencies_item = Part.from_dict(dependencies_item_data)

            dependencies.append(dependencies_item)

        machines = []
        _machines = d.pop("machines")
        for machines_item_data in _machines:
            machines_item = Part.from_dict(machines_item_data)

            machines.append(machines_item)

        detailed_day = cls(
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
            languages=languages,
            projects=projects,
            editors=editors,
            operating_systems=operating_systems,
            categories=categories,
            dependencies=dependencies,
            machines=machines,
        )

        detailed_day.additional_properties = d
        return detailed_day

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
