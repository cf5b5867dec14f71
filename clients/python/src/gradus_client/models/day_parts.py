from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.reason import Reason

if TYPE_CHECKING:
    from ..models.part import Part


T = TypeVar("T", bound="DayParts")


@_attrs_define(kw_only=True)
class DayParts:
    """The breakdown of a day's coding time. Each list splits the same time in another way, and has at most 50 parts,
    longest first. An empty list means that there was none. A list is null if the server does not offer it, and all
    lists are null if the day has no seconds: `parts_reason` says why.

    """

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

        day_parts = cls(
            languages=languages,
            projects=projects,
            editors=editors,
            operating_systems=operating_systems,
            categories=categories,
            dependencies=dependencies,
            machines=machines,
            parts_reason=parts_reason,
        )

        day_parts.additional_properties = d
        return day_parts

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
