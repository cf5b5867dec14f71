from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.part import Part


T = TypeVar("T", bound="DayParts")


@_attrs_define(kw_only=True)
class DayParts:
    """The breakdown of a day's coding time. Each list splits the same time in another way, and has at most 50 parts,
    longest first. All lists are empty if the day is not known.

    """

    languages: list[Part]
    projects: list[Part]
    editors: list[Part]
    operating_systems: list[Part]
    categories: list[Part]
    dependencies: list[Part]
    machines: list[Part]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
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

        day_parts = cls(
            languages=languages,
            projects=projects,
            editors=editors,
            operating_systems=operating_systems,
            categories=categories,
            dependencies=dependencies,
            machines=machines,
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
