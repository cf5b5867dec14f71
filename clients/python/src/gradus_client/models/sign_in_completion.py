from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="SignInCompletion")


@_attrs_define(kw_only=True)
class SignInCompletion:
    challenge: str
    """ The `challenge` that `POST /auth/login` returned. """
    code: str
    """ The code that the authenticator app shows, or a recovery code. Case, spaces and dashes do not matter. """

    def to_dict(self) -> dict[str, Any]:
        challenge = self.challenge

        code = self.code

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "challenge": challenge,
                "code": code,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        challenge = d.pop("challenge")

        code = d.pop("code")

        sign_in_completion = cls(
            challenge=challenge,
            code=code,
        )

        return sign_in_completion
