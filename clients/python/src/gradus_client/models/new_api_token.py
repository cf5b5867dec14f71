from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.api_token_scope import ApiTokenScope

T = TypeVar("T", bound="NewApiToken")


@_attrs_define(kw_only=True)
class NewApiToken:
    name: str
    """ What uses the token. """
    scopes: list[ApiTokenScope]
    expires_in_days: int
    """ How many days it works, at most a year. """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        scopes = []
        for scopes_item_data in self.scopes:
            scopes_item = scopes_item_data.value
            scopes.append(scopes_item)

        expires_in_days = self.expires_in_days

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "scopes": scopes,
                "expires_in_days": expires_in_days,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        scopes = []
        _scopes = d.pop("scopes")
        for scopes_item_data in _scopes:
            scopes_item = ApiTokenScope(scopes_item_data)

            scopes.append(scopes_item)

        expires_in_days = d.pop("expires_in_days")

        new_api_token = cls(
            name=name,
            scopes=scopes,
            expires_in_days=expires_in_days,
        )

        return new_api_token
