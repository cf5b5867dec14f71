from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.connection_kind import ConnectionKind
from ..models.connection_state import ConnectionState

if TYPE_CHECKING:
    from ..models.coverage import Coverage
    from ..models.sync_failure import SyncFailure
    from ..models.waka_time_account import WakaTimeAccount
    from ..models.yardstick import Yardstick


T = TypeVar("T", bound="WakaTimeConnection")


@_attrs_define(kw_only=True)
class WakaTimeConnection:
    """A connection to WakaTime or a compatible server. It never contains a token or a key."""

    state: ConnectionState
    """ The state of a connection. `connected`: the server has not rejected the credentials; if syncs fail, another
    property says why and since when. `needs_reconnect`: the server no longer accepts the credentials, and the user
    has to connect again. `not_connected`: there is no connection. """
    kind: ConnectionKind | None
    """ How the user connected; null if they are not connected. """
    server: None | str
    """ The name of the server: its host, or `WakaTime`; null if they are not connected. """
    base_url: None | str
    """ The API URL of the server that the API key belongs to; null for the server that the operator configured. """
    account: None | WakaTimeAccount
    """ The user's account at the server; null if they are not connected. """
    yardstick: None | Yardstick
    """ How the server measures the account's coding time; null if they are not connected. """
    scopes: list[str]
    """ The scopes that the user granted; empty for API keys. """
    missing_scopes: list[str]
    """ The scopes that syncing needs and the user did not grant. To grant them, connect again. """
    connected_at: datetime.datetime | None
    last_synced_at: datetime.datetime | None
    """ When the last successful sync ended; null if there was none. """
    next_sync_at: datetime.datetime | None
    """ When the next sync will start, approximately; null if none is scheduled. """
    syncing: bool
    """ Whether a sync is running. """
    failure: None | SyncFailure
    """ Why the last sync failed; null if it succeeded. """
    coverage: Coverage
    """ How much of a range of days is known. Never show `seconds` without it. It counts the days that have ended:
    today is not expected to be known. """
    summary: str
    """ The state in a sentence to show to the user. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.sync_failure import SyncFailure  # noqa: PLC0415
        from ..models.waka_time_account import WakaTimeAccount  # noqa: PLC0415
        from ..models.yardstick import Yardstick  # noqa: PLC0415

        state = self.state.value

        kind: None | str
        if isinstance(self.kind, ConnectionKind):
            kind = self.kind.value
        else:
            kind = self.kind

        server: None | str
        server = self.server

        base_url: None | str
        base_url = self.base_url

        account: dict[str, Any] | None
        if isinstance(self.account, WakaTimeAccount):
            account = self.account.to_dict()
        else:
            account = self.account

        yardstick: dict[str, Any] | None
        if isinstance(self.yardstick, Yardstick):
            yardstick = self.yardstick.to_dict()
        else:
            yardstick = self.yardstick

        scopes = self.scopes

        missing_scopes = self.missing_scopes

        connected_at: None | str
        if isinstance(self.connected_at, datetime.datetime):
            connected_at = self.connected_at.isoformat()
        else:
            connected_at = self.connected_at

        last_synced_at: None | str
        if isinstance(self.last_synced_at, datetime.datetime):
            last_synced_at = self.last_synced_at.isoformat()
        else:
            last_synced_at = self.last_synced_at

        next_sync_at: None | str
        if isinstance(self.next_sync_at, datetime.datetime):
            next_sync_at = self.next_sync_at.isoformat()
        else:
            next_sync_at = self.next_sync_at

        syncing = self.syncing

        failure: dict[str, Any] | None
        if isinstance(self.failure, SyncFailure):
            failure = self.failure.to_dict()
        else:
            failure = self.failure

        coverage = self.coverage.to_dict()

        summary = self.summary

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "state": state,
                "kind": kind,
                "server": server,
                "base_url": base_url,
                "account": account,
                "yardstick": yardstick,
                "scopes": scopes,
                "missing_scopes": missing_scopes,
                "connected_at": connected_at,
                "last_synced_at": last_synced_at,
                "next_sync_at": next_sync_at,
                "syncing": syncing,
                "failure": failure,
                "coverage": coverage,
                "summary": summary,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.coverage import Coverage  # noqa: PLC0415
        from ..models.sync_failure import SyncFailure  # noqa: PLC0415
        from ..models.waka_time_account import WakaTimeAccount  # noqa: PLC0415
        from ..models.yardstick import Yardstick  # noqa: PLC0415

        d = dict(src_dict)
        state = ConnectionState(d.pop("state"))

        def _parse_kind(data: object) -> ConnectionKind | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                kind_type_0 = ConnectionKind(data)

                return kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ConnectionKind | None, data)

        kind = _parse_kind(d.pop("kind"))

        def _parse_server(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        server = _parse_server(d.pop("server"))

        def _parse_base_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        base_url = _parse_base_url(d.pop("base_url"))

        def _parse_account(data: object) -> None | WakaTimeAccount:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                account_type_0 = WakaTimeAccount.from_dict(data)

                return account_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WakaTimeAccount, data)

        account = _parse_account(d.pop("account"))

        def _parse_yardstick(data: object) -> None | Yardstick:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                yardstick_type_0 = Yardstick.from_dict(data)

                return yardstick_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Yardstick, data)

        yardstick = _parse_yardstick(d.pop("yardstick"))

        scopes = cast(list[str], d.pop("scopes"))

        missing_scopes = cast(list[str], d.pop("missing_scopes"))

        def _parse_connected_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                connected_at_type_0 = datetime.datetime.fromisoformat(data)

                return connected_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        connected_at = _parse_connected_at(d.pop("connected_at"))

        def _parse_last_synced_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_synced_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_synced_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_synced_at = _parse_last_synced_at(d.pop("last_synced_at"))

        def _parse_next_sync_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_sync_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_sync_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_sync_at = _parse_next_sync_at(d.pop("next_sync_at"))

        syncing = d.pop("syncing")

        def _parse_failure(data: object) -> None | SyncFailure:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                failure_type_0 = SyncFailure.from_dict(data)

                return failure_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SyncFailure, data)

        failure = _parse_failure(d.pop("failure"))

        coverage = Coverage.from_dict(d.pop("coverage"))

        summary = d.pop("summary")

        waka_time_connection = cls(
            state=state,
            kind=kind,
            server=server,
            base_url=base_url,
            account=account,
            yardstick=yardstick,
            scopes=scopes,
            missing_scopes=missing_scopes,
            connected_at=connected_at,
            last_synced_at=last_synced_at,
            next_sync_at=next_sync_at,
            syncing=syncing,
            failure=failure,
            coverage=coverage,
            summary=summary,
        )

        waka_time_connection.additional_properties = d
        return waka_time_connection

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
