from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.audit_role import AuditRole

if TYPE_CHECKING:
    from ..models.audit_entry_details import AuditEntryDetails


T = TypeVar("T", bound="AuditEntry")


@_attrs_define(kw_only=True)
class AuditEntry:
    """A recorded change. Entries are never updated or deleted."""

    id: UUID
    at: datetime.datetime
    action: str
    """ What was done, as `noun.verb`: `batch.create`, `user.change_role`. New actions may be added. """
    subject: str
    """ The ID of the resource that was changed. """
    actor_id: None | UUID
    """ The user who did it; null for jobs, and for callers who were not signed in. """
    actor_name: None | str
    """ The current name of the user; null if `actor_id` is null. """
    actor_role: AuditRole
    """ The role of the caller. `system` is a background job or a command run by the operator, `anyone` is a caller
    who was not signed in. """
    request_id: None | str
    """ The ID of the request that did it; null for jobs and commands. """
    address: None | str
    """ The IP address of the caller; null for jobs and commands. """
    details: AuditEntryDetails
    """ Details, whose properties depend on the action. They never contain a secret. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        at = self.at.isoformat()

        action = self.action

        subject = self.subject

        actor_id: None | str
        if isinstance(self.actor_id, UUID):
            actor_id = str(self.actor_id)
        else:
            actor_id = self.actor_id

        actor_name: None | str
        actor_name = self.actor_name

        actor_role = self.actor_role.value

        request_id: None | str
        request_id = self.request_id

        address: None | str
        address = self.address

        details = self.details.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "at": at,
                "action": action,
                "subject": subject,
                "actor_id": actor_id,
                "actor_name": actor_name,
                "actor_role": actor_role,
                "request_id": request_id,
                "address": address,
                "details": details,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.audit_entry_details import AuditEntryDetails  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        at = datetime.datetime.fromisoformat(d.pop("at"))

        action = d.pop("action")

        subject = d.pop("subject")

        def _parse_actor_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                actor_id_type_0 = UUID(data)

                return actor_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        actor_id = _parse_actor_id(d.pop("actor_id"))

        def _parse_actor_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        actor_name = _parse_actor_name(d.pop("actor_name"))

        actor_role = AuditRole(d.pop("actor_role"))

        def _parse_request_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        request_id = _parse_request_id(d.pop("request_id"))

        def _parse_address(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        address = _parse_address(d.pop("address"))

        details = AuditEntryDetails.from_dict(d.pop("details"))

        audit_entry = cls(
            id=id,
            at=at,
            action=action,
            subject=subject,
            actor_id=actor_id,
            actor_name=actor_name,
            actor_role=actor_role,
            request_id=request_id,
            address=address,
            details=details,
        )

        audit_entry.additional_properties = d
        return audit_entry

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
