from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="WakaTimeKey")


@_attrs_define(kw_only=True)
class WakaTimeKey:
    api_key: str
    """ The API key, from the settings page of the server. Surrounding spaces, line ends and quotes, and the name of
    the setting in front of it (`api_key = …`), are removed. What is left has to be one word of 8 to 200 characters.
    """
    base_url: None | str | Unset = UNSET
    """ The URL of an allowed server, as the user pasted it: with or without the scheme, the path of the API, and a
    trailing slash, such as `wakapi.school.example`. Null or left out for the default server. """

    def to_dict(self) -> dict[str, Any]:
        api_key = self.api_key

        base_url: None | str | Unset
        if isinstance(self.base_url, Unset):
            base_url = UNSET
        else:
            base_url = self.base_url

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "api_key": api_key,
            }
        )
        if base_url is not UNSET:
            field_dict["base_url"] = base_url

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        api_key = d.pop("api_key")

        def _parse_base_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        base_url = _parse_base_url(d.pop("base_url", UNSET))

        waka_time_key = cls(
            api_key=api_key,
            base_url=base_url,
        )

        return waka_time_key
