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
    languages: list[Part] | None
    projects: list[Part] | None
    editors: list[Part] | None
    operating_systems: list[Part] | None
    categories: list[Part] | None
    dependencies: list[Part] | None
    machines: list[Part] | None
    parts_reason: None | Reason
    """ Why lists are null: `not_offered` if the server does not offer them, otherwise the reason why the day has no
    seconds. Null if no list is null. """
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

        languages: list[dict[str, Any]] | None
        if isinstance(self.languages, list):
            languages = []
            for languages_type_0_item_data in self.languages:
                languages_type_0_item = languages_type_0_item_data.to_dict()
                languages.append(languages_type_0_item)

        else:
            languages = self.languages

        projects: list[dict[str, Any]] | None
        if isinstance(self.projects, list):
            projects = []
            for projects_type_0_item_data in self.projects:
                projects_type_0_item = projects_type_0_item_data.to_dict()
                projects.append(projects_type_0_item)

        else:
            projects = self.projects

        editors: list[dict[str, Any]] | None
        if isinstance(self.editors, list):
            editors = []
            for editors_type_0_item_data in self.editors:
                editors_type_0_item = editors_type_0_item_data.to_dict()
                editors.append(editors_type_0_item)

        else:
            editors = self.editors

        operating_systems: list[dict[str, Any]] | None
        if isinstance(self.operating_systems, list):
            operating_systems = []
            for operating_systems_type_0_item_data in self.operating_systems:
                operating_systems_type_0_item = operating_systems_type_0_item_data.to_dict()
                operating_systems.append(operating_systems_type_0_item)

        else:
            operating_systems = self.operating_systems

        categories: list[dict[str, Any]] | None
        if isinstance(self.categories, list):
            categories = []
            for categories_type_0_item_data in self.categories:
                categories_type_0_item = categories_type_0_item_data.to_dict()
                categories.append(categories_type_0_item)

        else:
            categories = self.categories

        dependencies: list[dict[str, Any]] | None
        if isinstance(self.dependencies, list):
            dependencies = []
            for dependencies_type_0_item_data in self.dependencies:
                dependencies_type_0_item = dependencies_type_0_item_data.to_dict()
                dependencies.append(dependencies_type_0_item)

        else:
            dependencies = self.dependencies

        machines: list[dict[str, Any]] | None
        if isinstance(self.machines, list):
            machines = []
            for machines_type_0_item_data in self.machines:
                machines_type_0_item = machines_type_0_item_data.to_dict()
                machines.append(machines_type_0_item)

        else:
            machines = self.machines

        parts_reason: None | str
        if isinstance(self.parts_reason, Reason):
            parts_reason = self.parts_reason.value
        else:
            parts_reason = self.parts_reason

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
                "languages": languages,
                "projects": projects,
                "editors": editors,
                "operating_systems": operating_systems,
                "categories": categories,
                "dependencies": dependencies,
                "machines": machines,
                "parts_reason": parts_reason,
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

        def _parse_languages(data: object) -> list[Part] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                languages_type_0 = []
                _languages_type_0 = data
                for languages_type_0_item_data in _languages_type_0:
                    languages_type_0_item = Part.from_dict(languages_type_0_item_data)

                    languages_type_0.append(languages_type_0_item)

                return languages_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Part] | None, data)

        languages = _parse_languages(d.pop("languages"))

        def _parse_projects(data: object) -> list[Part] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                projects_type_0 = []
                _projects_type_0 = data
                for projects_type_0_item_data in _projects_type_0:
                    projects_type_0_item = Part.from_dict(projects_type_0_item_data)

                    projects_type_0.append(projects_type_0_item)

                return projects_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Part] | None, data)

        projects = _parse_projects(d.pop("projects"))

        def _parse_editors(data: object) -> list[Part] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                editors_type_0 = []
                _editors_type_0 = data
                for editors_type_0_item_data in _editors_type_0:
                    editors_type_0_item = Part.from_dict(editors_type_0_item_data)

                    editors_type_0.append(editors_type_0_item)

                return editors_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Part] | None, data)

        editors = _parse_editors(d.pop("editors"))

        def _parse_operating_systems(data: object) -> list[Part] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                operating_systems_type_0 = []
                _operating_systems_type_0 = data
                for operating_systems_type_0_item_data in _operating_systems_type_0:
                    operating_systems_type_0_item = Part.from_dict(operating_systems_type_0_item_data)

                    operating_systems_type_0.append(operating_systems_type_0_item)

                return operating_systems_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Part] | None, data)

        operating_systems = _parse_operating_systems(d.pop("operating_systems"))

        def _parse_categories(data: object) -> list[Part] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                categories_type_0 = []
                _categories_type_0 = data
                for categories_type_0_item_data in _categories_type_0:
                    categories_type_0_item = Part.from_dict(categories_type_0_item_data)

                    categories_type_0.append(categories_type_0_item)

                return categories_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Part] | None, data)

        categories = _parse_categories(d.pop("categories"))

        def _parse_dependencies(data: object) -> list[Part] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                dependencies_type_0 = []
                _dependencies_type_0 = data
                for dependencies_type_0_item_data in _dependencies_type_0:
                    dependencies_type_0_item = Part.from_dict(dependencies_type_0_item_data)

                    dependencies_type_0.append(dependencies_type_0_item)

                return dependencies_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Part] | None, data)

        dependencies = _parse_dependencies(d.pop("dependencies"))

        def _parse_machines(data: object) -> list[Part] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                machines_type_0 = []
                _machines_type_0 = data
                for machines_type_0_item_data in _machines_type_0:
                    machines_type_0_item = Part.from_dict(machines_type_0_item_data)

                    machines_type_0.append(machines_type_0_item)

                return machines_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Part] | None, data)

        machines = _parse_machines(d.pop("machines"))

        def _parse_parts_reason(data: object) -> None | Reason:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                parts_reason_type_0 = Reason(data)

                return parts_reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Reason, data)

        parts_reason = _parse_parts_reason(d.pop("parts_reason"))

        detailed_day = cls(
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
            languages=languages,
            projects=projects,
            editors=editors,
            operating_systems=operating_systems,
            categories=categories,
            dependencies=dependencies,
            machines=machines,
            parts_reason=parts_reason,
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
