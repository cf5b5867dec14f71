from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ai_time import AITime

T = TypeVar("T", bound="Measure")


@_attrs_define(kw_only=True)
class Measure:
    """How coding time counts in a batch. Gradus requests all servers to measure in the same way, so that students are
    comparable; `Yardstick` says whether a server does.

    """

    ai_time: AITime
    """ Whether the time that AI agents coded counts in class numbers such as medians. `exclude`: it does not.
    `include`: it does. Totals always include it, and `ai_seconds` next to them says how much of it there is. A new
    batch excludes it unless the request says otherwise. """
    keystroke_timeout_minutes: int
    """ The longest pause between two keystrokes that counts as coding. """
    writes_only: bool
    """ Whether only the time in which files were saved counts. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ai_time = self.ai_time.value

        keystroke_timeout_minutes = self.keystroke_timeout_minutes

        writes_only = self.writes_only

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ai_time": ai_time,
                "keystroke_timeout_minutes": keystroke_timeout_minutes,
                "writes_only": writes_only,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        ai_time = AITime(d.pop("ai_time"))

        keystroke_timeout_minutes = d.pop("keystroke_timeout_minutes")

        writes_only = d.pop("writes_only")

        measure = cls(
            ai_time=ai_time,
            keystroke_timeout_minutes=keystroke_timeout_minutes,
            writes_only=writes_only,
        )

        measure.additional_properties = d
        return measure

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
