from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.me import Me


T = TypeVar("T", bound="Session")


@_attrs_define(kw_only=True)
class Session:
    """A new session."""

    token: None | str
    """ Send it as `Authorization: Bearer`. The token is returned only once and cannot be retrieved later. Null if
    the session uses a cookie. """
    token_expires_at: datetime.datetime | None
    """ When `token` expires, after about 15 minutes. Null if the session uses a cookie, which is valid as long as
    the session. """
    refresh_token: None | str
    """ Send it to `POST /auth/refresh` for new tokens when `token` has expired. It can be used once and is secret.
    Null if the session uses a cookie. """
    expires_at: datetime.datetime
    """ When the session expires at the latest. It expires earlier if it is not used for too long. """
    user: Me
    """ Your account. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        token: None | str
        token = self.token

        token_expires_at: None | str
        if isinstance(self.token_expires_at, datetime.datetime):
            token_expires_at = self.token_expires_at.isoformat()
        else:
            token_expires_at = self.token_expires_at

        refresh_token: None | str
        refresh_token = self.refresh_token

        expires_at = self.expires_at.isoformat()

        user = self.user.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "token": token,
                "token_expires_at": token_expires_at,
                "refresh_token": refresh_token,
                "expires_at": expires_at,
                "user": user,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.me import Me  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_token(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        token = _parse_token(d.pop("token"))

        def _parse_token_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                token_expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return token_expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        token_expires_at = _parse_token_expires_at(d.pop("token_expires_at"))

        def _parse_refresh_token(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        refresh_token = _parse_refresh_token(d.pop("refresh_token"))

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        user = Me.from_dict(d.pop("user"))

        session = cls(
            token=token,
            token_expires_at=token_expires_at,
            refresh_token=refresh_token,
            expires_at=expires_at,
            user=user,
        )

        session.additional_properties = d
        return session

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
