from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FieldProblem")


@_attrs_define(kw_only=True)
class FieldProblem:
    """A validation error. Either `pointer` or `parameter` says where it is."""

    pointer: None | str
    """ The place in the body, as a JSON pointer such as `/time_zone`; null if the error is not in the body. """
    parameter: None | str
    """ The name of the path or query parameter; null if the error is not in a parameter. """
    code: str
    """ The kind of error, for programs. New codes may be added. """
    detail: str
    """ What is wrong and how to fix it, as a sentence to show to the user. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pointer: None | str
        pointer = self.pointer

        parameter: None | str
        parameter = self.parameter

        code = self.code

        detail = self.detail

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pointer": pointer,
                "parameter": parameter,
                "code": code,
                "detail": detail,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_pointer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        pointer = _parse_pointer(d.pop("pointer"))

        def _parse_parameter(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        parameter = _parse_parameter(d.pop("parameter"))

        code = d.pop("code")

        detail = d.pop("detail")

        field_problem = cls(
            pointer=pointer,
            parameter=parameter,
            code=code,
            detail=detail,
        )

        field_problem.additional_properties = d
        return field_problem

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
