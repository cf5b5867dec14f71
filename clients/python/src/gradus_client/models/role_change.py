from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.role import Role

T = TypeVar("T", bound="RoleChange")


@_attrs_define(kw_only=True)
class RoleChange:
    role: Role
    """ The role of a user in the school. A `member` is not enrolled in a batch, a `student` is enrolled in one, an
    `instructor` teaches the batches they are assigned to, and an `admin` has access to everything. """

    def to_dict(self) -> dict[str, Any]:
        role = self.role.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "role": role,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        role = Role(d.pop("role"))

        role_change = cls(
            role=role,
        )

        return role_change
