import datetime
from uuid import UUID

from .core import AsyncCore, Call, Core, SignInChallengeError
from .models.active_session_page import ActiveSessionPage
from .models.api_token_page import ApiTokenPage
from .models.audit_page import AuditPage
from .models.batch import Batch
from .models.batch_coverage import BatchCoverage
from .models.batch_page import BatchPage
from .models.batch_patch import BatchPatch
from .models.batch_progress import BatchProgress
from .models.batch_status import BatchStatus
from .models.confirmation_token import ConfirmationToken
from .models.coverage_report import CoverageReport
from .models.created_api_token import CreatedApiToken
from .models.credentials import Credentials
from .models.dashboard import Dashboard
from .models.day_report import DayReport
from .models.email_change import EmailChange
from .models.enrolment_status import EnrolmentStatus
from .models.instructor import Instructor
from .models.instructor_page import InstructorPage
from .models.join_request import JoinRequest
from .models.me import Me
from .models.new_api_token import NewApiToken
from .models.new_batch import NewBatch
from .models.new_recovery_codes import NewRecoveryCodes
from .models.password_change import PasswordChange
from .models.password_reset import PasswordReset
from .models.password_reset_request import PasswordResetRequest
from .models.pending_confirmation import PendingConfirmation
from .models.profile_patch import ProfilePatch
from .models.reauthentication import Reauthentication
from .models.refresh import Refresh
from .models.registration import Registration
from .models.registration_key import RegistrationKey
from .models.registration_key_patch import RegistrationKeyPatch
from .models.role import Role
from .models.role_change import RoleChange
from .models.session import Session
from .models.sign_in_completion import SignInCompletion
from .models.student import Student
from .models.student_page import StudentPage
from .models.sync_accepted import SyncAccepted
from .models.sync_request import SyncRequest
from .models.totp import Totp
from .models.totp_confirmation import TotpConfirmation
from .models.totp_enrolment import TotpEnrolment
from .models.tracked_account import TrackedAccount
from .models.tracked_account_page import TrackedAccountPage
from .models.user import User
from .models.user_page import UserPage
from .models.waka_time_authorization import WakaTimeAuthorization
from .models.waka_time_callback import WakaTimeCallback
from .models.waka_time_connection import WakaTimeConnection
from .models.waka_time_disconnection import WakaTimeDisconnection
from .models.waka_time_key import WakaTimeKey
from .models.waka_time_server_page import WakaTimeServerPage
from .types import UNSET, Unset


def _register(
    body: Registration,
    *,
    idempotency_key: str | Unset = UNSET,
) -> Call[Session]:
    return Call(
        "POST",
        "/auth/register",
        Session.from_dict,
        headers={
            "Idempotency-Key": idempotency_key,
        },
        body=body,
        content_type="application/json",
        anonymous=True,
        keyed=True,
    )


def _sign_in(
    body: Credentials,
    *,
    gradus_device: str | Unset = UNSET,
) -> Call[Session]:
    return Call(
        "POST",
        "/auth/login",
        Session.from_dict,
        accepted=SignInChallengeError,
        headers={
            "Gradus-Device": gradus_device,
        },
        body=body,
        content_type="application/json",
        anonymous=True,
    )


def _refresh_session(
    body: Refresh,
) -> Call[Session]:
    return Call(
        "POST",
        "/auth/refresh",
        Session.from_dict,
        body=body,
        content_type="application/json",
        anonymous=True,
    )


def _reauthenticate(
    body: Reauthentication,
) -> Call[Session]:
    return Call(
        "POST",
        "/auth/reauthentication",
        Session.from_dict,
        body=body,
        content_type="application/json",
    )


def _complete_sign_in(
    body: SignInCompletion,
) -> Call[Session]:
    return Call(
        "POST",
        "/auth/login/completion",
        Session.from_dict,
        body=body,
        content_type="application/json",
        anonymous=True,
    )


def _sign_out() -> Call[None]:
    return Call(
        "POST",
        "/auth/logout",
        None,
    )


def _request_password_reset(
    body: PasswordResetRequest,
) -> Call[PendingConfirmation]:
    return Call(
        "POST",
        "/auth/password-resets",
        PendingConfirmation.from_dict,
        body=body,
        content_type="application/json",
        anonymous=True,
    )


def _confirm_password_reset(
    body: PasswordReset,
) -> Call[None]:
    return Call(
        "POST",
        "/auth/password-resets/confirmation",
        None,
        body=body,
        content_type="application/json",
        anonymous=True,
    )


def _confirm_email_change(
    body: ConfirmationToken,
) -> Call[None]:
    return Call(
        "POST",
        "/auth/email-changes/confirmation",
        None,
        body=body,
        content_type="application/json",
        anonymous=True,
    )


def _undo_email_change(
    body: ConfirmationToken,
) -> Call[None]:
    return Call(
        "POST",
        "/auth/email-changes/undo",
        None,
        body=body,
        content_type="application/json",
        anonymous=True,
    )


def _get_me() -> Call[Me]:
    return Call(
        "GET",
        "/me",
        Me.from_dict,
    )


def _update_me(
    body: ProfilePatch,
    *,
    if_match: str | Unset = UNSET,
) -> Call[Me]:
    return Call(
        "PATCH",
        "/me",
        Me.from_dict,
        headers={
            "If-Match": if_match,
        },
        body=body,
        content_type="application/merge-patch+json",
    )


def _request_email_change(
    body: EmailChange,
) -> Call[PendingConfirmation]:
    return Call(
        "POST",
        "/me/email",
        PendingConfirmation.from_dict,
        body=body,
        content_type="application/json",
    )


def _change_password(
    body: PasswordChange,
) -> Call[None]:
    return Call(
        "PUT",
        "/me/password",
        None,
        body=body,
        content_type="application/json",
    )


def _list_my_sessions(
    *,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Call[ActiveSessionPage]:
    return Call(
        "GET",
        "/me/sessions",
        ActiveSessionPage.from_dict,
        query={
            "after": after,
            "limit": limit,
        },
    )


def _revoke_my_other_sessions() -> Call[None]:
    return Call(
        "DELETE",
        "/me/sessions",
        None,
    )


def _revoke_my_session(
    session_id: UUID,
) -> Call[None]:
    return Call(
        "DELETE",
        "/me/sessions/{session_id}",
        None,
        path={
            "session_id": session_id,
        },
    )


def _get_totp() -> Call[Totp]:
    return Call(
        "GET",
        "/me/totp",
        Totp.from_dict,
    )


def _start_totp(
    *,
    idempotency_key: str | Unset = UNSET,
) -> Call[TotpEnrolment]:
    return Call(
        "POST",
        "/me/totp",
        TotpEnrolment.from_dict,
        headers={
            "Idempotency-Key": idempotency_key,
        },
        keyed=True,
    )


def _disable_totp() -> Call[None]:
    return Call(
        "DELETE",
        "/me/totp",
        None,
    )


def _enable_totp(
    body: TotpConfirmation,
) -> Call[NewRecoveryCodes]:
    return Call(
        "POST",
        "/me/totp/confirmation",
        NewRecoveryCodes.from_dict,
        body=body,
        content_type="application/json",
    )


def _rotate_recovery_codes() -> Call[NewRecoveryCodes]:
    return Call(
        "POST",
        "/me/recovery-codes",
        NewRecoveryCodes.from_dict,
    )


def _list_my_api_tokens(
    *,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Call[ApiTokenPage]:
    return Call(
        "GET",
        "/me/api-tokens",
        ApiTokenPage.from_dict,
        query={
            "after": after,
            "limit": limit,
        },
    )


def _create_api_token(
    body: NewApiToken,
    *,
    idempotency_key: str | Unset = UNSET,
) -> Call[CreatedApiToken]:
    return Call(
        "POST",
        "/me/api-tokens",
        CreatedApiToken.from_dict,
        headers={
            "Idempotency-Key": idempotency_key,
        },
        body=body,
        content_type="application/json",
        keyed=True,
    )


def _revoke_my_api_token(
    token_id: UUID,
) -> Call[None]:
    return Call(
        "DELETE",
        "/me/api-tokens/{token_id}",
        None,
        path={
            "token_id": token_id,
        },
    )


def _list_api_tokens(
    *,
    user_id: UUID | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Call[ApiTokenPage]:
    return Call(
        "GET",
        "/api-tokens",
        ApiTokenPage.from_dict,
        query={
            "user_id": user_id,
            "after": after,
            "limit": limit,
        },
    )


def _revoke_api_token(
    token_id: UUID,
) -> Call[None]:
    return Call(
        "DELETE",
        "/api-tokens/{token_id}",
        None,
        path={
            "token_id": token_id,
        },
    )


def _list_users(
    *,
    role: Role | Unset = UNSET,
    search: str | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Call[UserPage]:
    return Call(
        "GET",
        "/users",
        UserPage.from_dict,
        query={
            "role": role,
            "search": search,
            "after": after,
            "limit": limit,
        },
    )


def _get_user(
    user_id: UUID,
) -> Call[User]:
    return Call(
        "GET",
        "/users/{user_id}",
        User.from_dict,
        path={
            "user_id": user_id,
        },
    )


def _change_user_role(
    user_id: UUID,
    body: RoleChange,
    *,
    if_match: str | Unset = UNSET,
) -> Call[User]:
    return Call(
        "PUT",
        "/users/{user_id}/role",
        User.from_dict,
        path={
            "user_id": user_id,
        },
        headers={
            "If-Match": if_match,
        },
        body=body,
        content_type="application/json",
    )


def _list_user_sessions(
    user_id: UUID,
    *,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Call[ActiveSessionPage]:
    return Call(
        "GET",
        "/users/{user_id}/sessions",
        ActiveSessionPage.from_dict,
        path={
            "user_id": user_id,
        },
        query={
            "after": after,
            "limit": limit,
        },
    )


def _revoke_user_sessions(
    user_id: UUID,
) -> Call[None]:
    return Call(
        "DELETE",
        "/users/{user_id}/sessions",
        None,
        path={
            "user_id": user_id,
        },
    )


def _disable_user_totp(
    user_id: UUID,
) -> Call[None]:
    return Call(
        "DELETE",
        "/users/{user_id}/totp",
        None,
        path={
            "user_id": user_id,
        },
    )


def _suspend_user(
    user_id: UUID,
    *,
    if_match: str | Unset = UNSET,
) -> Call[User]:
    return Call(
        "POST",
        "/users/{user_id}/suspension",
        User.from_dict,
        path={
            "user_id": user_id,
        },
        headers={
            "If-Match": if_match,
        },
    )


def _reinstate_user(
    user_id: UUID,
    *,
    if_match: str | Unset = UNSET,
) -> Call[None]:
    return Call(
        "DELETE",
        "/users/{user_id}/suspension",
        None,
        path={
            "user_id": user_id,
        },
        headers={
            "If-Match": if_match,
        },
    )


def _list_batches(
    *,
    status: BatchStatus | Unset = UNSET,
    search: str | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Call[BatchPage]:
    return Call(
        "GET",
        "/batches",
        BatchPage.from_dict,
        query={
            "status": status,
            "search": search,
            "after": after,
            "limit": limit,
        },
    )


def _create_batch(
    body: NewBatch,
    *,
    idempotency_key: str | Unset = UNSET,
) -> Call[Batch]:
    return Call(
        "POST",
        "/batches",
        Batch.from_dict,
        headers={
            "Idempotency-Key": idempotency_key,
        },
        body=body,
        content_type="application/json",
        keyed=True,
    )


def _get_batch(
    batch_id: UUID,
) -> Call[Batch]:
    return Call(
        "GET",
        "/batches/{batch_id}",
        Batch.from_dict,
        path={
            "batch_id": batch_id,
        },
    )


def _update_batch(
    batch_id: UUID,
    body: BatchPatch,
    *,
    if_match: str | Unset = UNSET,
) -> Call[Batch]:
    return Call(
        "PATCH",
        "/batches/{batch_id}",
        Batch.from_dict,
        path={
            "batch_id": batch_id,
        },
        headers={
            "If-Match": if_match,
        },
        body=body,
        content_type="application/merge-patch+json",
    )


def _archive_batch(
    batch_id: UUID,
    *,
    if_match: str | Unset = UNSET,
) -> Call[Batch]:
    return Call(
        "POST",
        "/batches/{batch_id}/archival",
        Batch.from_dict,
        path={
            "batch_id": batch_id,
        },
        headers={
            "If-Match": if_match,
        },
    )


def _restore_batch(
    batch_id: UUID,
    *,
    if_match: str | Unset = UNSET,
) -> Call[None]:
    return Call(
        "DELETE",
        "/batches/{batch_id}/archival",
        None,
        path={
            "batch_id": batch_id,
        },
        headers={
            "If-Match": if_match,
        },
    )


def _list_batch_instructors(
    batch_id: UUID,
) -> Call[InstructorPage]:
    return Call(
        "GET",
        "/batches/{batch_id}/instructors",
        InstructorPage.from_dict,
        path={
            "batch_id": batch_id,
        },
    )


def _assign_instructor(
    batch_id: UUID,
    user_id: UUID,
) -> Call[Instructor]:
    return Call(
        "PUT",
        "/batches/{batch_id}/instructors/{user_id}",
        Instructor.from_dict,
        path={
            "batch_id": batch_id,
            "user_id": user_id,
        },
    )


def _remove_instructor(
    batch_id: UUID,
    user_id: UUID,
) -> Call[None]:
    return Call(
        "DELETE",
        "/batches/{batch_id}/instructors/{user_id}",
        None,
        path={
            "batch_id": batch_id,
            "user_id": user_id,
        },
    )


def _get_registration_key(
    batch_id: UUID,
) -> Call[RegistrationKey]:
    return Call(
        "GET",
        "/batches/{batch_id}/registration-key",
        RegistrationKey.from_dict,
        path={
            "batch_id": batch_id,
        },
    )


def _update_registration_key(
    batch_id: UUID,
    body: RegistrationKeyPatch,
    *,
    if_match: str | Unset = UNSET,
) -> Call[RegistrationKey]:
    return Call(
        "PATCH",
        "/batches/{batch_id}/registration-key",
        RegistrationKey.from_dict,
        path={
            "batch_id": batch_id,
        },
        headers={
            "If-Match": if_match,
        },
        body=body,
        content_type="application/merge-patch+json",
    )


def _rotate_registration_key(
    batch_id: UUID,
    *,
    if_match: str | Unset = UNSET,
) -> Call[RegistrationKey]:
    return Call(
        "POST",
        "/batches/{batch_id}/registration-key/rotation",
        RegistrationKey.from_dict,
        path={
            "batch_id": batch_id,
        },
        headers={
            "If-Match": if_match,
        },
    )


def _join_batch(
    body: JoinRequest,
    *,
    idempotency_key: str | Unset = UNSET,
) -> Call[Student]:
    return Call(
        "POST",
        "/me/enrolment",
        Student.from_dict,
        headers={
            "Idempotency-Key": idempotency_key,
        },
        body=body,
        content_type="application/json",
        keyed=True,
    )


def _list_students(
    *,
    batch_id: UUID | Unset = UNSET,
    status: EnrolmentStatus | Unset = UNSET,
    search: str | Unset = UNSET,
    connected: bool | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Call[StudentPage]:
    return Call(
        "GET",
        "/students",
        StudentPage.from_dict,
        query={
            "batch_id": batch_id,
            "status": status,
            "search": search,
            "connected": connected,
            "after": after,
            "limit": limit,
        },
    )


def _get_student(
    student_id: UUID,
) -> Call[Student]:
    return Call(
        "GET",
        "/students/{student_id}",
        Student.from_dict,
        path={
            "student_id": student_id,
        },
    )


def _get_wakatime_connection() -> Call[WakaTimeConnection]:
    return Call(
        "GET",
        "/me/wakatime",
        WakaTimeConnection.from_dict,
    )


def _disconnect_wakatime(
    *,
    if_match: str | Unset = UNSET,
) -> Call[WakaTimeDisconnection]:
    return Call(
        "DELETE",
        "/me/wakatime",
        WakaTimeDisconnection.from_dict,
        headers={
            "If-Match": if_match,
        },
    )


def _start_wakatime_authorization(
    *,
    idempotency_key: str | Unset = UNSET,
) -> Call[WakaTimeAuthorization]:
    return Call(
        "POST",
        "/me/wakatime/authorization",
        WakaTimeAuthorization.from_dict,
        headers={
            "Idempotency-Key": idempotency_key,
        },
        keyed=True,
    )


def _complete_wakatime_authorization(
    body: WakaTimeCallback,
) -> Call[WakaTimeConnection]:
    return Call(
        "POST",
        "/me/wakatime/callback",
        WakaTimeConnection.from_dict,
        body=body,
        content_type="application/json",
    )


def _connect_wakatime_with_key(
    body: WakaTimeKey,
    *,
    if_match: str | Unset = UNSET,
) -> Call[WakaTimeConnection]:
    return Call(
        "PUT",
        "/me/wakatime/api-key",
        WakaTimeConnection.from_dict,
        headers={
            "If-Match": if_match,
        },
        body=body,
        content_type="application/json",
    )


def _sync_my_days(
    body: SyncRequest | Unset = UNSET,
) -> Call[SyncAccepted]:
    return Call(
        "POST",
        "/me/wakatime/sync",
        SyncAccepted.from_dict,
        body=body or None,
        content_type="application/json",
    )


def _list_wakatime_servers() -> Call[WakaTimeServerPage]:
    return Call(
        "GET",
        "/wakatime/servers",
        WakaTimeServerPage.from_dict,
    )


def _disconnect_student_wakatime(
    student_id: UUID,
) -> Call[WakaTimeDisconnection]:
    return Call(
        "DELETE",
        "/students/{student_id}/wakatime",
        WakaTimeDisconnection.from_dict,
        path={
            "student_id": student_id,
        },
    )


def _list_student_wakatime_accounts(
    student_id: UUID,
) -> Call[TrackedAccountPage]:
    return Call(
        "GET",
        "/students/{student_id}/wakatime/accounts",
        TrackedAccountPage.from_dict,
        path={
            "student_id": student_id,
        },
    )


def _accept_wakatime_account(
    student_id: UUID,
    account_id: UUID,
) -> Call[TrackedAccount]:
    return Call(
        "PUT",
        "/students/{student_id}/wakatime/accounts/{account_id}/acceptance",
        TrackedAccount.from_dict,
        path={
            "student_id": student_id,
            "account_id": account_id,
        },
    )


def _reject_wakatime_account(
    student_id: UUID,
    account_id: UUID,
) -> Call[TrackedAccount]:
    return Call(
        "DELETE",
        "/students/{student_id}/wakatime/accounts/{account_id}/acceptance",
        TrackedAccount.from_dict,
        path={
            "student_id": student_id,
            "account_id": account_id,
        },
    )


def _list_my_days(
    *,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    changed_since: datetime.datetime | Unset = UNSET,
) -> Call[DayReport]:
    return Call(
        "GET",
        "/me/days",
        DayReport.from_dict,
        query={
            "from": from_,
            "to": to,
            "changed_since": changed_since,
        },
    )


def _get_today() -> Call[DayReport]:
    return Call(
        "GET",
        "/me/today",
        DayReport.from_dict,
    )


def _list_student_days(
    student_id: UUID,
    *,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    changed_since: datetime.datetime | Unset = UNSET,
) -> Call[DayReport]:
    return Call(
        "GET",
        "/students/{student_id}/days",
        DayReport.from_dict,
        path={
            "student_id": student_id,
        },
        query={
            "from": from_,
            "to": to,
            "changed_since": changed_since,
        },
    )


def _get_student_coverage(
    student_id: UUID,
    *,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
) -> Call[CoverageReport]:
    return Call(
        "GET",
        "/students/{student_id}/coverage",
        CoverageReport.from_dict,
        path={
            "student_id": student_id,
        },
        query={
            "from": from_,
            "to": to,
        },
    )


def _sync_student_days(
    student_id: UUID,
    body: SyncRequest | Unset = UNSET,
) -> Call[SyncAccepted]:
    return Call(
        "POST",
        "/students/{student_id}/sync",
        SyncAccepted.from_dict,
        path={
            "student_id": student_id,
        },
        body=body or None,
        content_type="application/json",
    )


def _get_batch_progress(
    batch_id: UUID,
    *,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Call[BatchProgress]:
    return Call(
        "GET",
        "/batches/{batch_id}/progress",
        BatchProgress.from_dict,
        path={
            "batch_id": batch_id,
        },
        query={
            "from": from_,
            "to": to,
            "after": after,
            "limit": limit,
        },
    )


def _get_batch_coverage(
    batch_id: UUID,
    *,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Call[BatchCoverage]:
    return Call(
        "GET",
        "/batches/{batch_id}/coverage",
        BatchCoverage.from_dict,
        path={
            "batch_id": batch_id,
        },
        query={
            "from": from_,
            "to": to,
            "after": after,
            "limit": limit,
        },
    )


def _get_dashboard() -> Call[Dashboard]:
    return Call(
        "GET",
        "/admin/dashboard",
        Dashboard.from_dict,
    )


def _list_audit_entries(
    *,
    actor_id: UUID | Unset = UNSET,
    subject: str | Unset = UNSET,
    action: str | Unset = UNSET,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Call[AuditPage]:
    return Call(
        "GET",
        "/audit-log",
        AuditPage.from_dict,
        query={
            "actor_id": actor_id,
            "subject": subject,
            "action": action,
            "from": from_,
            "to": to,
            "after": after,
            "limit": limit,
        },
    )


class Gradus(Core):
    """Client of a Gradus server.

    Each operation of the API is a method. It returns the response body. It raises
    `GradusError` for an error response, and `GradusNetworkError` if there was no usable one.
    """

    def register(
        self,
        body: Registration,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> Session:
        """Create an account and sign in.

        Creates an account and starts a session for it. With a registration key, the new user joins the key's batch as a
        student. Without one, the user is a member and can join a batch later. The request either succeeds completely or
        changes nothing. If it has a session cookie, its session ends.

        Next, connect WakaTime with `POST /me/wakatime/authorization` or `PUT /me/wakatime/api-key`.

        [Rate limit](/docs/guides/limits#rate-limits): `register`, 240 requests at once and 20 per minute, per address.

        Roles: anyone.
        """

        return self._send(
            _register(
                body,
                idempotency_key=idempotency_key,
            )
        )

    def sign_in(
        self,
        body: Credentials,
        *,
        gradus_device: str | Unset = UNSET,
    ) -> Session:
        """Sign in.

        Starts a session and returns a token, or sets a session cookie if `carrier` is `cookie`. If the request has a
        session cookie, its session ends. An unknown email address,
        a wrong password, and a suspended account return the same response in the same time, so that a response never
        reveals whether an account exists.

        If the account has TOTP, a right password returns 202 with a `challenge` instead. Ask for the code of the
        authenticator app, and send both to `POST /auth/login/completion`.

        Next, send the token as `Authorization: Bearer` with every request.

        [Rate limit](/docs/guides/limits#rate-limits): `sign_in`, 240 requests at once and 60 per minute, per address.

        Roles: anyone.

        Raises `SignInChallengeError` if there is no Session yet.
        """

        return self._send(
            _sign_in(
                body,
                gradus_device=gradus_device,
            )
        )

    def refresh_session(
        self,
        body: Refresh,
    ) -> Session:
        """Rotate the tokens of a session.

        Returns the session with a new access token and a new refresh token. Both replace those from before, which stop
        working immediately. It needs no other credential; use it after 401 `token_expired`.

        If a refresh token is sent again within 10 seconds, the response has the same new tokens, so that a request that is
        sent twice or whose response is lost signs nobody out. After that, sending it again ends the session, because
        one of those who have it may have stolen it.

        [Rate limit](/docs/guides/limits#rate-limits): `refresh`, 600 requests at once and 300 per minute, per address.

        Roles: anyone.
        """

        return self._send(
            _refresh_session(
                body,
            )
        )

    def reauthenticate(
        self,
        body: Reauthentication,
    ) -> Session:
        """Sign in again within a session.

        Verifies your password, so that you can use operations that need fresh authentication for the next 15 minutes. The
        session continues with a new token or cookie, in the way it was sent; the old one stops working immediately. It does
        not last longer than before.

        Of two requests at the same time, one succeeds and the other one returns 401 `unauthenticated`.

        [Rate limit](/docs/guides/limits#rate-limits): `password`, 20 requests at once and 2 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _reauthenticate(
                body,
            )
        )

    def complete_sign_in(
        self,
        body: SignInCompletion,
    ) -> Session:
        """Complete a sign-in.

        Completes a sign-in to an account with TOTP: `POST /auth/login` returned 202 and a `challenge`. Send it back with
        the code that the authenticator app shows, or with a recovery code. The response has the session in the form that
        `POST /auth/login` asked for. If the request has a session cookie, its session ends.

        A challenge works once, for five minutes, with the same `User-Agent`, and until the password changes. A code works
        once, and those of the steps of 30 seconds before it no longer work. After five wrong codes, the challenge ends.

        [Rate limit](/docs/guides/limits#rate-limits): `sign_in`, 240 requests at once and 60 per minute, per address.

        Roles: anyone.
        """

        return self._send(
            _complete_sign_in(
                body,
            )
        )

    def sign_out(
        self,
    ) -> None:
        """Sign out.

        Ends the session that the request is sent with. Its token or cookie stops working immediately. Other sessions of
        the user stay active. Browsers delete what the API's origin has stored and cached; a frontend on another origin
        deletes its own data.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(_sign_out())

    def request_password_reset(
        self,
        body: PasswordResetRequest,
    ) -> PendingConfirmation:
        """Start the reset of a forgotten password.

        Sends a link to the email address, with which its owner can set a new password within 30 minutes. Unknown addresses
        and suspended accounts get no mail; the response and its time are the same, so that nobody can find out who has an
        account.

        The link leads to a page that sends its token to `POST /auth/password-resets/confirmation`.

        [Rate limit](/docs/guides/limits#rate-limits): `mail`, 60 requests at once and 5 per minute, per address.

        Roles: anyone.
        """

        return self._send(
            _request_password_reset(
                body,
            )
        )

    def confirm_password_reset(
        self,
        body: PasswordReset,
    ) -> None:
        """Complete the reset of a forgotten password.

        Sets a new password with the token of the link from the mail. All sessions of the account end. A token works once,
        for 30 minutes; a later change of the password ends it.

        Next, sign in with `POST /auth/login`.

        [Rate limit](/docs/guides/limits#rate-limits): `sign_in`, 240 requests at once and 60 per minute, per address.

        Roles: anyone.
        """

        return self._send(
            _confirm_password_reset(
                body,
            )
        )

    def confirm_email_change(
        self,
        body: ConfirmationToken,
    ) -> None:
        """Complete a change of an email address.

        Changes the address of the account with the token of the link from the mail to the new address. Sessions stay
        active. The old address gets a mail with a link, with which its owner can undo the change for 7 days.

        [Rate limit](/docs/guides/limits#rate-limits): `sign_in`, 240 requests at once and 60 per minute, per address.

        Roles: anyone.
        """

        return self._send(
            _confirm_email_change(
                body,
            )
        )

    def undo_email_change(
        self,
        body: ConfirmationToken,
    ) -> None:
        """Restore the previous email address.

        Brings back the address to which the mail about its change was sent. Whoever changed it knows the password, so all
        sessions end, the password and all other links stop working, and the address gets a link to set a new password.

        [Rate limit](/docs/guides/limits#rate-limits): `sign_in`, 240 requests at once and 60 per minute, per address.

        Roles: anyone.
        """

        return self._send(
            _undo_email_change(
                body,
            )
        )

    def get_me(
        self,
    ) -> Me:
        """Get your account.

        Returns your account with your role, and with the batch that you are enrolled in or the batches that you teach.
        Call this first to decide what to show.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:read`.

        Roles: member, student, instructor, admin.
        """

        return self._send(_get_me())

    def update_me(
        self,
        body: ProfilePatch,
        *,
        if_match: str | Unset = UNSET,
    ) -> Me:
        """Update your account.

        Updates your name or your time zone and returns the account. Properties that you leave out keep their values. Your
        coding days follow the time zone of your account unless you are enrolled in a batch: then they follow the time
        zone of the batch.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:write`.

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _update_me(
                body,
                if_match=if_match,
            )
        )

    def request_email_change(
        self,
        body: EmailChange,
    ) -> PendingConfirmation:
        """Start a change of your email address.

        Sends a link to the new address. The address of the account changes when its reader confirms it, within 24 hours. If
        another account has the address, its owner gets a notice instead; the response and its time are the same.

        The link leads to a page that sends its token to `POST /auth/email-changes/confirmation`.

        [Rate limit](/docs/guides/limits#rate-limits): `password`, 20 requests at once and 2 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _request_email_change(
                body,
            )
        )

    def change_password(
        self,
        body: PasswordChange,
    ) -> None:
        """Change your password.

        Sets a new password. You need the current one: a session alone is not enough. All other sessions of your account
        end; the session of this request stays active.

        [Rate limit](/docs/guides/limits#rate-limits): `password`, 20 requests at once and 2 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _change_password(
                body,
            )
        )

    def list_my_sessions(
        self,
        *,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> ActiveSessionPage:
        """List your sessions.

        Returns the active sessions of your account, the newest first: the devices that are signed in. `current` is the
        session of this request. End a session that you do not recognize, then change your password.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _list_my_sessions(
                after=after,
                limit=limit,
            )
        )

    def revoke_my_other_sessions(
        self,
    ) -> None:
        """Revoke all other sessions.

        Ends all sessions of your account except the one of this request, so that you are signed out on every other device.
        Their tokens and cookies stop working immediately. The request also succeeds if there are no others.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(_revoke_my_other_sessions())

    def revoke_my_session(
        self,
        session_id: UUID,
    ) -> None:
        """Revoke one of your sessions.

        Ends a session of your account. Its token or cookie stops working immediately. To end the session of this request,
        use `POST /auth/logout` instead, which also deletes the cookie.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _revoke_my_session(
                session_id,
            )
        )

    def get_totp(
        self,
    ) -> Totp:
        """Get the state of your TOTP.

        Returns whether signing in to your account needs a code of an authenticator app, and how many recovery codes are
        left. It never returns the secret.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(_get_totp())

    def start_totp(
        self,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> TotpEnrolment:
        """Start to enrol an authenticator app.

        Returns a secret for an authenticator app, such as Aegis, 2FAS or Google Authenticator. Show `qr_code` to scan and
        `secret` to type. Nothing changes until you send a code of the app to `POST /me/totp/confirmation`. Starting again
        replaces the secret.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _start_totp(
                idempotency_key=idempotency_key,
            )
        )

    def disable_totp(
        self,
    ) -> None:
        """Disable TOTP.

        Removes your authenticator app and your recovery codes, so that the password alone is enough to sign in. All other
        sessions of your account end. To use another app, disable TOTP and enrol again. The request also succeeds if there
        is no TOTP, and cancels an enrolment that is pending.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(_disable_totp())

    def enable_totp(
        self,
        body: TotpConfirmation,
    ) -> NewRecoveryCodes:
        """Enable TOTP.

        Completes the enrolment with the code that the authenticator app shows. From now on, signing in needs a code. All
        other sessions of your account end, because they started without one.

        The response has ten recovery codes, each of which replaces a code of the app once. They are not shown again: ask
        the user to print or store them.

        [Rate limit](/docs/guides/limits#rate-limits): `password`, 20 requests at once and 2 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _enable_totp(
                body,
            )
        )

    def rotate_recovery_codes(
        self,
    ) -> NewRecoveryCodes:
        """Rotate your recovery codes.

        Returns ten new recovery codes. All earlier ones stop working. They are not shown again.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(_rotate_recovery_codes())

    def list_my_api_tokens(
        self,
        *,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> ApiTokenPage:
        """List your API tokens.

        Returns the API tokens of your account, the newest first, and when each was last used. Tokens that have expired or
        were revoked are listed for 30 days.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _list_my_api_tokens(
                after=after,
                limit=limit,
            )
        )

    def create_api_token(
        self,
        body: NewApiToken,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> CreatedApiToken:
        """Create an API token.

        Creates a token with which a program acts as you, within its scopes. It can never do more than you may do at the
        time of a request, and never manages tokens, sessions, passwords or anything else that needs a session. The token
        is returned only once. You are told by mail, and can have 20 tokens that work.

        [Rate limit](/docs/guides/limits#rate-limits): `password`, 20 requests at once and 2 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _create_api_token(
                body,
                idempotency_key=idempotency_key,
            )
        )

    def revoke_my_api_token(
        self,
        token_id: UUID,
    ) -> None:
        """Revoke one of your API tokens.

        Revokes an API token of your account. It stops working immediately, or within a second if the server runs as several
        processes. The request also succeeds if the token has expired or was revoked before.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _revoke_my_api_token(
                token_id,
            )
        )

    def list_api_tokens(
        self,
        *,
        user_id: UUID | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> ApiTokenPage:
        """List the API tokens of all users.

        Returns the API tokens of all users or of one, the newest first, and when each was last used. Tokens that have
        expired or were revoked are listed for 30 days.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: admin.
        """

        return self._send(
            _list_api_tokens(
                user_id=user_id,
                after=after,
                limit=limit,
            )
        )

    def revoke_api_token(
        self,
        token_id: UUID,
    ) -> None:
        """Revoke an API token of any user.

        Revokes an API token of any user. It stops working immediately, or within a second if the server runs as several
        processes. The user can create another one; to prevent that, use `POST /users/{user_id}/suspension`, which revokes
        all of them. The request also succeeds if the token has expired or was revoked before.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: admin.
        """

        return self._send(
            _revoke_api_token(
                token_id,
            )
        )

    def list_users(
        self,
        *,
        role: Role | Unset = UNSET,
        search: str | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> UserPage:
        """List users.

        Returns all users, sorted by name. You can filter by role, and search by name or email address. To get one user,
        use `GET /users/{user_id}`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:read`.

        Roles: admin.

        Args:
            role: The role of a user in the school. A `member` is not enrolled in a batch, a `student` is enrolled in
                one, an `instructor` teaches the batches they are assigned to, and an `admin` has access to
                everything.
        """

        return self._send(
            _list_users(
                role=role,
                search=search,
                after=after,
                limit=limit,
            )
        )

    def get_user(
        self,
        user_id: UUID,
    ) -> User:
        """Get a user.

        Returns a user. The ID of a user is also their student ID: use it with `GET /students/{student_id}` to see how a
        student is doing.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:read`.

        Roles: admin.
        """

        return self._send(
            _get_user(
                user_id,
            )
        )

    def change_user_role(
        self,
        user_id: UUID,
        body: RoleChange,
        *,
        if_match: str | Unset = UNSET,
    ) -> User:
        """Change a user's role.

        Sets the role of a user and returns the user. Their sessions end, so that the new role takes effect immediately.
        The enrolment or the batch assignments that belong to the old role end too. Setting the role that the user already
        has changes nothing.

        You cannot set the role `student` (422 `student_role_requires_enrolment`): a user becomes a student by joining a
        batch with its registration key. You cannot change the role of the last admin (409 `last_admin`).

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: admin.
        """

        return self._send(
            _change_user_role(
                user_id,
                body,
                if_match=if_match,
            )
        )

    def list_user_sessions(
        self,
        user_id: UUID,
        *,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> ActiveSessionPage:
        """List a user's sessions.

        Returns the active sessions of a user, the newest first. A suspended user has none.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: admin.
        """

        return self._send(
            _list_user_sessions(
                user_id,
                after=after,
                limit=limit,
            )
        )

    def revoke_user_sessions(
        self,
        user_id: UUID,
    ) -> None:
        """Revoke all sessions of a user.

        Signs a user out on every device. Their tokens and cookies stop working immediately. The user can sign in again; to
        prevent that, use `POST /users/{user_id}/suspension`. The request also succeeds if the user has no session.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: admin.
        """

        return self._send(
            _revoke_user_sessions(
                user_id,
            )
        )

    def disable_user_totp(
        self,
        user_id: UUID,
    ) -> None:
        """Disable TOTP for a user.

        Removes the authenticator app and the recovery codes of a user who lost both, and ends all their sessions. The
        password alone is enough for their next sign-in, so make sure first that the request comes from them: see them in
        person, or call them on a number that you know. The request also succeeds if the user has no TOTP.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: admin.
        """

        return self._send(
            _disable_user_totp(
                user_id,
            )
        )

    def suspend_user(
        self,
        user_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> User:
        """Suspend a user.

        Ends the user's sessions and prevents the user from signing in. Their connection is deleted, so that they can
        connect the same WakaTime account with another Gradus account. Their other data is kept. Suspending a user who is
        already suspended changes nothing. You cannot suspend the last admin (409 `last_admin`). To reinstate the user,
        send `DELETE` to the same path.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:write`.

        Roles: admin.
        """

        return self._send(
            _suspend_user(
                user_id,
                if_match=if_match,
            )
        )

    def reinstate_user(
        self,
        user_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> None:
        """Reinstate a suspended user.

        Allows the user to sign in again. Their old sessions stay ended, and they have to connect again. The request also
        succeeds if the user is not suspended.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:write`.

        Roles: admin.
        """

        return self._send(
            _reinstate_user(
                user_id,
                if_match=if_match,
            )
        )

    def list_batches(
        self,
        *,
        status: BatchStatus | Unset = UNSET,
        search: str | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> BatchPage:
        """List batches.

        Returns the batches that you can access, sorted by name. Admins can access all batches, instructors those that
        they teach, students their own, and members none.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:read`.

        Roles: member, student, instructor, admin.

        Args:
            status: The status of a batch today, in the batch's time zone.
        """

        return self._send(
            _list_batches(
                status=status,
                search=search,
                after=after,
                limit=limit,
            )
        )

    def create_batch(
        self,
        body: NewBatch,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> Batch:
        """Create a batch.

        Creates a batch with an enabled registration key, and returns the batch.

        Next, get the key with `GET /batches/{batch_id}/registration-key` and share it with your students, and assign
        instructors with `PUT /batches/{batch_id}/instructors/{user_id}`.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: admin.
        """

        return self._send(
            _create_batch(
                body,
                idempotency_key=idempotency_key,
            )
        )

    def get_batch(
        self,
        batch_id: UUID,
    ) -> Batch:
        """Get a batch.

        Returns a batch. A batch that you cannot access returns 404 `batch_not_found`, exactly as one that does not exist.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:read`.

        Roles: student (their own batch), instructor (batches they teach), admin.
        """

        return self._send(
            _get_batch(
                batch_id,
            )
        )

    def update_batch(
        self,
        batch_id: UUID,
        body: BatchPatch,
        *,
        if_match: str | Unset = UNSET,
    ) -> Batch:
        """Update a batch.

        Updates the batch and returns it. Properties that you leave out keep their values; set `weekly_goal_seconds` to
        null to remove the goal. If you change the time zone, days that were fetched for the old one are fetched again.
        You cannot update an archived batch (409 `batch_archived`): restore it first.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: instructor (batches they teach), admin.
        """

        return self._send(
            _update_batch(
                batch_id,
                body,
                if_match=if_match,
            )
        )

    def archive_batch(
        self,
        batch_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> Batch:
        """Archive a batch.

        Archives the batch and returns it. Nobody can join an archived batch, it cannot be updated, and no days are
        fetched for it. Its data stays readable. Archiving a batch that is already archived changes nothing. To restore
        the batch, send `DELETE` to the same path.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: admin.
        """

        return self._send(
            _archive_batch(
                batch_id,
                if_match=if_match,
            )
        )

    def restore_batch(
        self,
        batch_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> None:
        """Restore an archived batch.

        Restores the batch. If its registration key is enabled, the key works again, and days are fetched again. The
        request also succeeds if the batch is not archived.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: admin.
        """

        return self._send(
            _restore_batch(
                batch_id,
                if_match=if_match,
            )
        )

    def list_batch_instructors(
        self,
        batch_id: UUID,
    ) -> InstructorPage:
        """List a batch's instructors.

        Returns all instructors who are assigned to the batch, sorted by name, on a single page.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:read`.

        Roles: instructor (batches they teach), admin.
        """

        return self._send(
            _list_batch_instructors(
                batch_id,
            )
        )

    def assign_instructor(
        self,
        batch_id: UUID,
        user_id: UUID,
    ) -> Instructor:
        """Assign an instructor to a batch.

        Assigns a user with the role `instructor` to the batch, and returns the assignment. The instructor can access the
        batch and its students immediately. Assigning an instructor who is already assigned changes nothing.

        A user with another role returns 409 `not_an_instructor`: change the role with `PUT /users/{user_id}/role` first.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: admin.
        """

        return self._send(
            _assign_instructor(
                batch_id,
                user_id,
            )
        )

    def remove_instructor(
        self,
        batch_id: UUID,
        user_id: UUID,
    ) -> None:
        """Remove an instructor from a batch.

        Removes the assignment. The user can no longer access the batch; their account does not change. If the user is not
        assigned to the batch, the request returns 404 `instructor_not_found`.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: admin.
        """

        return self._send(
            _remove_instructor(
                batch_id,
                user_id,
            )
        )

    def get_registration_key(
        self,
        batch_id: UUID,
    ) -> RegistrationKey:
        """Get a batch's registration key.

        Returns the key, its limits, and the number of seats taken. Share the key with the people who should join: they
        send it to `POST /auth/register` or `POST /me/enrolment`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:read`.

        Roles: instructor (batches they teach), admin.
        """

        return self._send(
            _get_registration_key(
                batch_id,
            )
        )

    def update_registration_key(
        self,
        batch_id: UUID,
        body: RegistrationKeyPatch,
        *,
        if_match: str | Unset = UNSET,
    ) -> RegistrationKey:
        """Update a registration key.

        Enables, disables or limits the key, and returns it. Properties that you leave out keep their values; set
        `expires_at` or `seats` to null to remove the limit. Students who have joined stay enrolled.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: instructor (batches they teach), admin.
        """

        return self._send(
            _update_registration_key(
                batch_id,
                body,
                if_match=if_match,
            )
        )

    def rotate_registration_key(
        self,
        batch_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> RegistrationKey:
        """Rotate a registration key.

        Replaces the key with a new one that has the same limits, and returns the new key. The old key stops working
        immediately. Students who have joined stay enrolled.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: instructor (batches they teach), admin.
        """

        return self._send(
            _rotate_registration_key(
                batch_id,
                if_match=if_match,
            )
        )

    def join_batch(
        self,
        body: JoinRequest,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> Student:
        """Join a batch.

        Enrols you in the batch that the registration key belongs to. You become a student, and the request returns the
        student. If all seats are taken, it returns 409 `batch_full`. If the key does not exist, is disabled, has expired,
        or belongs to an archived batch, it returns 422 `registration_key_invalid`.

        Next, connect WakaTime with `POST /me/wakatime/authorization` or `PUT /me/wakatime/api-key`.

        [Rate limit](/docs/guides/limits#rate-limits): `registration_key`, 20 requests at once and 2 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `students:write`.

        Roles: member.
        """

        return self._send(
            _join_batch(
                body,
                idempotency_key=idempotency_key,
            )
        )

    def list_students(
        self,
        *,
        batch_id: UUID | Unset = UNSET,
        status: EnrolmentStatus | Unset = UNSET,
        search: str | Unset = UNSET,
        connected: bool | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> StudentPage:
        """List students.

        Returns the students that you can access, sorted by name, each with the state of their WakaTime connection and the
        coverage of their last week. Admins can access all students, instructors those of the batches that they teach.

        To get one student, use `GET /students/{student_id}`. To get every day of a whole batch, use
        `GET /batches/{batch_id}/progress`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `students:read`.

        Roles: instructor (in batches they teach), admin.

        Args:
            status: The status of a student in their batch.
        """

        return self._send(
            _list_students(
                batch_id=batch_id,
                status=status,
                search=search,
                connected=connected,
                after=after,
                limit=limit,
            )
        )

    def get_student(
        self,
        student_id: UUID,
    ) -> Student:
        """Get a student.

        Returns a student with the state of their WakaTime connection and the coverage of their last week. For their
        coding days, use `GET /students/{student_id}/days`. For the reasons why days are missing, use
        `GET /students/{student_id}/coverage`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `students:read`.

        Roles: student (themselves), instructor (in batches they teach), admin.
        """

        return self._send(
            _get_student(
                student_id,
            )
        )

    def get_wakatime_connection(
        self,
    ) -> WakaTimeConnection:
        """Get your WakaTime connection.

        Returns what you are connected to, when days were last fetched, when they will be fetched next, and why the last
        sync failed. `coverage` is that of all your tracked days, and `summary` says the same in a sentence that you can
        show. If you are not connected, the request returns the state `not_connected`, not 404. It never returns a token
        or a key.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member, student, instructor, admin.
        """

        return self._send(_get_wakatime_connection())

    def disconnect_wakatime(
        self,
        *,
        if_match: str | Unset = UNSET,
    ) -> WakaTimeDisconnection:
        """Disconnect WakaTime.

        Deletes your connection and its secrets, and revokes the tokens at WakaTime. The connection is deleted even if
        WakaTime cannot be reached; `revocation` says whether the tokens were revoked. Days that were fetched are kept.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _disconnect_wakatime(
                if_match=if_match,
            )
        )

    def start_wakatime_authorization(
        self,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> WakaTimeAuthorization:
        """Start the WakaTime authorization.

        Starts the OAuth flow and returns the URL to send the browser to. The authorization belongs to your session and
        expires after ten minutes. WakaTime sends the browser back with a code and a state: send both to
        `POST /me/wakatime/callback`.

        If the operator has not configured WakaTime's OAuth, the request returns 503 `wakatime_not_configured`: connect
        with an API key instead.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _start_wakatime_authorization(
                idempotency_key=idempotency_key,
            )
        )

    def complete_wakatime_authorization(
        self,
        body: WakaTimeCallback,
    ) -> WakaTimeConnection:
        """Complete the WakaTime authorization.

        Exchanges the code and the state that WakaTime sent the browser back with, connects your account, schedules the
        first sync, and returns the connection. A state works once, even if the request fails: to try again, start over
        with `POST /me/wakatime/authorization`. If your page sends the same request twice within 30 seconds, in the same
        session, the second one returns the same result as the first.

        Next, poll `GET /me/wakatime` until `last_synced_at` is set, then get your days with `GET /me/days`.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _complete_wakatime_authorization(
                body,
            )
        )

    def connect_wakatime_with_key(
        self,
        body: WakaTimeKey,
        *,
        if_match: str | Unset = UNSET,
    ) -> WakaTimeConnection:
        """Connect WakaTime with an API key.

        Verifies the key at WakaTime, or at a compatible server that the operator allows, connects your account, schedules
        the first sync, and returns the connection. An existing connection is replaced. If it was for another account, all
        days are fetched again from the new one, and the days of the old one no longer count.

        Users can paste what they copied. `base_url` can be any part of the address of an allowed server, which
        `GET /wakatime/servers` lists: `wakapi.school.example`, `https://wakapi.school.example/` and
        `http://localhost:3000/api/v1` all work, because Gradus finds the API at that server. `api_key` can have spaces,
        line ends or quotes around it, and the name of the setting in front of it. Any other text returns 422
        `invalid_request` with the code `api_key_malformed` in `errors`, before a server is asked.

        Next, poll `GET /me/wakatime` until `last_synced_at` is set, then get your days with `GET /me/days`.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _connect_wakatime_with_key(
                body,
                if_match=if_match,
            )
        )

    def sync_my_days(
        self,
        body: SyncRequest | Unset = UNSET,
    ) -> SyncAccepted:
        """Sync your coding days.

        Schedules a sync that starts within seconds. Without a body, it fetches the last week and all missing days. With
        `from` or `to`, it fetches the days of that range, for example to pick up coding time that an editor reported
        late; days that were fetched within the last ten minutes are left out. If the same sync is already scheduled, no
        second one is added. `Location` is the path of your connection, where `last_synced_at` or `failure` shows the
        result.

        [Rate limit](/docs/guides/limits#rate-limits): `sync`, 60 requests at once and 10 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _sync_my_days(
                body,
            )
        )

    def list_wakatime_servers(
        self,
    ) -> WakaTimeServerPage:
        """List the servers that API keys can be for.

        Returns WakaTime and the compatible servers that the operator allows for API keys, the default first, on a single
        page. Send the `base_url` of one of them to `PUT /me/wakatime/api-key`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member, student, instructor, admin.
        """

        return self._send(_list_wakatime_servers())

    def disconnect_student_wakatime(
        self,
        student_id: UUID,
    ) -> WakaTimeDisconnection:
        """Disconnect a student's WakaTime account.

        Deletes the student's connection and its secrets, and revokes the tokens at WakaTime. Afterwards, the account can be
        connected by another user, for example if the student can no longer sign in here and has a new account. Days that
        were fetched are kept.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: instructor (in batches they teach), admin.
        """

        return self._send(
            _disconnect_student_wakatime(
                student_id,
            )
        )

    def list_student_wakatime_accounts(
        self,
        student_id: UUID,
    ) -> TrackedAccountPage:
        """List the accounts that a student's days came from.

        Returns the accounts at WakaTime or compatible servers that the student has connected, the current one first, on a
        single page. Only the days of the current account count, and those of accounts that staff accepted: after a student
        connects another account, all days are fetched again from it.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: instructor (in batches they teach), admin.
        """

        return self._send(
            _list_student_wakatime_accounts(
                student_id,
            )
        )

    def accept_wakatime_account(
        self,
        student_id: UUID,
        account_id: UUID,
    ) -> TrackedAccount:
        """Enable the days of another account of a student.

        Accepts that an account is the student's, and returns it. From then on, its days count where the current account has
        no coding time. Accepting an account that is accepted changes nothing.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: instructor (in batches they teach), admin.
        """

        return self._send(
            _accept_wakatime_account(
                student_id,
                account_id,
            )
        )

    def reject_wakatime_account(
        self,
        student_id: UUID,
        account_id: UUID,
    ) -> TrackedAccount:
        """Disable the days of another account of a student.

        Undoes the acceptance of an account, and returns the account. Its days no longer count, unless it is the current
        one. Rejecting an account that is not accepted changes nothing.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: instructor (in batches they teach), admin.
        """

        return self._send(
            _reject_wakatime_account(
                student_id,
                account_id,
            )
        )

    def list_my_days(
        self,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
        changed_since: datetime.datetime | Unset = UNSET,
    ) -> DayReport:
        """List your coding days.

        Returns your coding days in a date range, each with its state, its coding time and the breakdown of that time, and
        the coverage of the whole range. Without `from`, the range is the last 30 days. Days that are not tracked are left
        out, such as days after the end of your batch.

        To keep a copy up to date, send `changed_since`: only the days that changed are then returned, while `total` is
        still that of the whole range.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _list_my_days(
                from_=from_,
                to=to,
                changed_since=changed_since,
            )
        )

    def get_today(
        self,
    ) -> DayReport:
        """Get your coding time today.

        Returns the same report as `GET /me/days` for today only, as of the last sync. To fetch today again, use
        `POST /me/wakatime/sync`. The list `days` has one element, or none if you are not tracked today. Its state is never
        `ok` or `empty`, because the day has not ended: it is `partial` once it was fetched, with the seconds so far.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member, student, instructor, admin.
        """

        return self._send(_get_today())

    def list_student_days(
        self,
        student_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
        changed_since: datetime.datetime | Unset = UNSET,
    ) -> DayReport:
        """List a student's coding days.

        Returns the student's coding days in a date range, each with its state, its coding time and the breakdown of that
        time, and the coverage of the whole range. Without `from`, the range is the last 30 days. Days that are not tracked
        are left out, such as days after the end of the batch.

        To keep a copy up to date, send `changed_since`: only the days that changed are then returned, while `total` is
        still that of the whole range.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member (themselves), student (themselves), instructor (in batches they teach), admin.
        """

        return self._send(
            _list_student_days(
                student_id,
                from_=from_,
                to=to,
                changed_since=changed_since,
            )
        )

    def get_student_coverage(
        self,
        student_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
    ) -> CoverageReport:
        """Get a student's coverage.

        Returns the student's coding days in a date range, each with its state, its coding time, and where it was fetched
        from or why it is missing, but without the breakdown. Without `from`, the range is the last 30 days.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member (themselves), student (themselves), instructor (in batches they teach), admin.
        """

        return self._send(
            _get_student_coverage(
                student_id,
                from_=from_,
                to=to,
            )
        )

    def sync_student_days(
        self,
        student_id: UUID,
        body: SyncRequest | Unset = UNSET,
    ) -> SyncAccepted:
        """Sync a student's coding days.

        Schedules a sync that starts within seconds. Without a body, it fetches the last week and all missing days. With
        `from` or `to`, it fetches the days of that range, for example to pick up coding time that an editor reported
        late; days that were fetched within the last ten minutes are left out. If the same sync is already scheduled, no
        second one is added. `Location` is the path of the student's coverage, where the fetched days appear.

        [Rate limit](/docs/guides/limits#rate-limits): `sync`, 60 requests at once and 10 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: member (themselves), student (themselves), instructor (in batches they teach), admin.
        """

        return self._send(
            _sync_student_days(
                student_id,
                body,
            )
        )

    def get_batch_progress(
        self,
        batch_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> BatchProgress:
        """Get a batch's progress.

        Returns a page of students, sorted by name, with the state and the coding time of each day in a date range. Each
        student has a coverage, and so has the whole batch, on the first page. Without `from`, the range is the last 30
        days. The students of the batch times the days of the range can be at most 60,000, such as 2,000 students and 30
        days; otherwise, the request fails with `range_too_large`.

        `measure` says which time counts in this batch. Students whose `yardstick` is `other` are measured differently, and
        cannot be compared with the rest.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: instructor (batches they teach), admin.
        """

        return self._send(
            _get_batch_progress(
                batch_id,
                from_=from_,
                to=to,
                after=after,
                limit=limit,
            )
        )

    def get_batch_coverage(
        self,
        batch_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> BatchCoverage:
        """List students with missing days.

        Returns a page of the students of the batch who have missing days in a date range, with the reason and the first of
        these days, and of those whose connection is failing. They are sorted by name. The first page includes the coverage
        of the whole batch. Without `from`, the range is the last 30 days. The students of the batch times the days of the
        range can be at most 60,000, such as 2,000 students and 30 days; otherwise, the request fails with
        `range_too_large`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: instructor (batches they teach), admin.
        """

        return self._send(
            _get_batch_coverage(
                batch_id,
                from_=from_,
                to=to,
                after=after,
                limit=limit,
            )
        )

    def get_dashboard(
        self,
    ) -> Dashboard:
        """Get the dashboard.

        Returns an overview of the school: users by role, connected students, the coding time of the last 7 and 30 days
        with its coverage, the newest students, the active batches with the last week of their median student, and failing
        background jobs.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `insights:read`.

        Roles: admin.
        """

        return self._send(_get_dashboard())

    def list_audit_entries(
        self,
        *,
        actor_id: UUID | Unset = UNSET,
        subject: str | Unset = UNSET,
        action: str | Unset = UNSET,
        from_: datetime.datetime | Unset = UNSET,
        to: datetime.datetime | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> AuditPage:
        """List audit log entries.

        Returns the audit log, newest entry first: what people changed, who did it, when, and from where. If you set several
        filters, an entry has to match all of them.

        Background jobs change data too. They record only what staff may have to trace: an operator's command, and a
        connection that stopped working. Days that a sync fetches have no entry: each day says when it changed and when it
        was last requested (`changed_at`, `checked_at`).

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `auditlog:read`.

        Roles: admin.
        """

        return self._send(
            _list_audit_entries(
                actor_id=actor_id,
                subject=subject,
                action=action,
                from_=from_,
                to=to,
                after=after,
                limit=limit,
            )
        )


class AsyncGradus(AsyncCore):
    """Asynchronous client of a Gradus server. See `Gradus`."""

    async def register(
        self,
        body: Registration,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> Session:
        """Create an account and sign in.

        Creates an account and starts a session for it. With a registration key, the new user joins the key's batch as a
        student. Without one, the user is a member and can join a batch later. The request either succeeds completely or
        changes nothing. If it has a session cookie, its session ends.

        Next, connect WakaTime with `POST /me/wakatime/authorization` or `PUT /me/wakatime/api-key`.

        [Rate limit](/docs/guides/limits#rate-limits): `register`, 240 requests at once and 20 per minute, per address.

        Roles: anyone.
        """

        return await self._send(
            _register(
                body,
                idempotency_key=idempotency_key,
            )
        )

    async def sign_in(
        self,
        body: Credentials,
        *,
        gradus_device: str | Unset = UNSET,
    ) -> Session:
        """Sign in.

        Starts a session and returns a token, or sets a session cookie if `carrier` is `cookie`. If the request has a
        session cookie, its session ends. An unknown email address,
        a wrong password, and a suspended account return the same response in the same time, so that a response never
        reveals whether an account exists.

        If the account has TOTP, a right password returns 202 with a `challenge` instead. Ask for the code of the
        authenticator app, and send both to `POST /auth/login/completion`.

        Next, send the token as `Authorization: Bearer` with every request.

        [Rate limit](/docs/guides/limits#rate-limits): `sign_in`, 240 requests at once and 60 per minute, per address.

        Roles: anyone.

        Raises `SignInChallengeError` if there is no Session yet.
        """

        return await self._send(
            _sign_in(
                body,
                gradus_device=gradus_device,
            )
        )

    async def refresh_session(
        self,
        body: Refresh,
    ) -> Session:
        """Rotate the tokens of a session.

        Returns the session with a new access token and a new refresh token. Both replace those from before, which stop
        working immediately. It needs no other credential; use it after 401 `token_expired`.

        If a refresh token is sent again within 10 seconds, the response has the same new tokens, so that a request that is
        sent twice or whose response is lost signs nobody out. After that, sending it again ends the session, because
        one of those who have it may have stolen it.

        [Rate limit](/docs/guides/limits#rate-limits): `refresh`, 600 requests at once and 300 per minute, per address.

        Roles: anyone.
        """

        return await self._send(
            _refresh_session(
                body,
            )
        )

    async def reauthenticate(
        self,
        body: Reauthentication,
    ) -> Session:
        """Sign in again within a session.

        Verifies your password, so that you can use operations that need fresh authentication for the next 15 minutes. The
        session continues with a new token or cookie, in the way it was sent; the old one stops working immediately. It does
        not last longer than before.

        Of two requests at the same time, one succeeds and the other one returns 401 `unauthenticated`.

        [Rate limit](/docs/guides/limits#rate-limits): `password`, 20 requests at once and 2 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _reauthenticate(
                body,
            )
        )

    async def complete_sign_in(
        self,
        body: SignInCompletion,
    ) -> Session:
        """Complete a sign-in.

        Completes a sign-in to an account with TOTP: `POST /auth/login` returned 202 and a `challenge`. Send it back with
        the code that the authenticator app shows, or with a recovery code. The response has the session in the form that
        `POST /auth/login` asked for. If the request has a session cookie, its session ends.

        A challenge works once, for five minutes, with the same `User-Agent`, and until the password changes. A code works
        once, and those of the steps of 30 seconds before it no longer work. After five wrong codes, the challenge ends.

        [Rate limit](/docs/guides/limits#rate-limits): `sign_in`, 240 requests at once and 60 per minute, per address.

        Roles: anyone.
        """

        return await self._send(
            _complete_sign_in(
                body,
            )
        )

    async def sign_out(
        self,
    ) -> None:
        """Sign out.

        Ends the session that the request is sent with. Its token or cookie stops working immediately. Other sessions of
        the user stay active. Browsers delete what the API's origin has stored and cached; a frontend on another origin
        deletes its own data.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(_sign_out())

    async def request_password_reset(
        self,
        body: PasswordResetRequest,
    ) -> PendingConfirmation:
        """Start the reset of a forgotten password.

        Sends a link to the email address, with which its owner can set a new password within 30 minutes. Unknown addresses
        and suspended accounts get no mail; the response and its time are the same, so that nobody can find out who has an
        account.

        The link leads to a page that sends its token to `POST /auth/password-resets/confirmation`.

        [Rate limit](/docs/guides/limits#rate-limits): `mail`, 60 requests at once and 5 per minute, per address.

        Roles: anyone.
        """

        return await self._send(
            _request_password_reset(
                body,
            )
        )

    async def confirm_password_reset(
        self,
        body: PasswordReset,
    ) -> None:
        """Complete the reset of a forgotten password.

        Sets a new password with the token of the link from the mail. All sessions of the account end. A token works once,
        for 30 minutes; a later change of the password ends it.

        Next, sign in with `POST /auth/login`.

        [Rate limit](/docs/guides/limits#rate-limits): `sign_in`, 240 requests at once and 60 per minute, per address.

        Roles: anyone.
        """

        return await self._send(
            _confirm_password_reset(
                body,
            )
        )

    async def confirm_email_change(
        self,
        body: ConfirmationToken,
    ) -> None:
        """Complete a change of an email address.

        Changes the address of the account with the token of the link from the mail to the new address. Sessions stay
        active. The old address gets a mail with a link, with which its owner can undo the change for 7 days.

        [Rate limit](/docs/guides/limits#rate-limits): `sign_in`, 240 requests at once and 60 per minute, per address.

        Roles: anyone.
        """

        return await self._send(
            _confirm_email_change(
                body,
            )
        )

    async def undo_email_change(
        self,
        body: ConfirmationToken,
    ) -> None:
        """Restore the previous email address.

        Brings back the address to which the mail about its change was sent. Whoever changed it knows the password, so all
        sessions end, the password and all other links stop working, and the address gets a link to set a new password.

        [Rate limit](/docs/guides/limits#rate-limits): `sign_in`, 240 requests at once and 60 per minute, per address.

        Roles: anyone.
        """

        return await self._send(
            _undo_email_change(
                body,
            )
        )

    async def get_me(
        self,
    ) -> Me:
        """Get your account.

        Returns your account with your role, and with the batch that you are enrolled in or the batches that you teach.
        Call this first to decide what to show.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:read`.

        Roles: member, student, instructor, admin.
        """

        return await self._send(_get_me())

    async def update_me(
        self,
        body: ProfilePatch,
        *,
        if_match: str | Unset = UNSET,
    ) -> Me:
        """Update your account.

        Updates your name or your time zone and returns the account. Properties that you leave out keep their values. Your
        coding days follow the time zone of your account unless you are enrolled in a batch: then they follow the time
        zone of the batch.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:write`.

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _update_me(
                body,
                if_match=if_match,
            )
        )

    async def request_email_change(
        self,
        body: EmailChange,
    ) -> PendingConfirmation:
        """Start a change of your email address.

        Sends a link to the new address. The address of the account changes when its reader confirms it, within 24 hours. If
        another account has the address, its owner gets a notice instead; the response and its time are the same.

        The link leads to a page that sends its token to `POST /auth/email-changes/confirmation`.

        [Rate limit](/docs/guides/limits#rate-limits): `password`, 20 requests at once and 2 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _request_email_change(
                body,
            )
        )

    async def change_password(
        self,
        body: PasswordChange,
    ) -> None:
        """Change your password.

        Sets a new password. You need the current one: a session alone is not enough. All other sessions of your account
        end; the session of this request stays active.

        [Rate limit](/docs/guides/limits#rate-limits): `password`, 20 requests at once and 2 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _change_password(
                body,
            )
        )

    async def list_my_sessions(
        self,
        *,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> ActiveSessionPage:
        """List your sessions.

        Returns the active sessions of your account, the newest first: the devices that are signed in. `current` is the
        session of this request. End a session that you do not recognize, then change your password.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _list_my_sessions(
                after=after,
                limit=limit,
            )
        )

    async def revoke_my_other_sessions(
        self,
    ) -> None:
        """Revoke all other sessions.

        Ends all sessions of your account except the one of this request, so that you are signed out on every other device.
        Their tokens and cookies stop working immediately. The request also succeeds if there are no others.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(_revoke_my_other_sessions())

    async def revoke_my_session(
        self,
        session_id: UUID,
    ) -> None:
        """Revoke one of your sessions.

        Ends a session of your account. Its token or cookie stops working immediately. To end the session of this request,
        use `POST /auth/logout` instead, which also deletes the cookie.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _revoke_my_session(
                session_id,
            )
        )

    async def get_totp(
        self,
    ) -> Totp:
        """Get the state of your TOTP.

        Returns whether signing in to your account needs a code of an authenticator app, and how many recovery codes are
        left. It never returns the secret.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(_get_totp())

    async def start_totp(
        self,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> TotpEnrolment:
        """Start to enrol an authenticator app.

        Returns a secret for an authenticator app, such as Aegis, 2FAS or Google Authenticator. Show `qr_code` to scan and
        `secret` to type. Nothing changes until you send a code of the app to `POST /me/totp/confirmation`. Starting again
        replaces the secret.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _start_totp(
                idempotency_key=idempotency_key,
            )
        )

    async def disable_totp(
        self,
    ) -> None:
        """Disable TOTP.

        Removes your authenticator app and your recovery codes, so that the password alone is enough to sign in. All other
        sessions of your account end. To use another app, disable TOTP and enrol again. The request also succeeds if there
        is no TOTP, and cancels an enrolment that is pending.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(_disable_totp())

    async def enable_totp(
        self,
        body: TotpConfirmation,
    ) -> NewRecoveryCodes:
        """Enable TOTP.

        Completes the enrolment with the code that the authenticator app shows. From now on, signing in needs a code. All
        other sessions of your account end, because they started without one.

        The response has ten recovery codes, each of which replaces a code of the app once. They are not shown again: ask
        the user to print or store them.

        [Rate limit](/docs/guides/limits#rate-limits): `password`, 20 requests at once and 2 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _enable_totp(
                body,
            )
        )

    async def rotate_recovery_codes(
        self,
    ) -> NewRecoveryCodes:
        """Rotate your recovery codes.

        Returns ten new recovery codes. All earlier ones stop working. They are not shown again.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(_rotate_recovery_codes())

    async def list_my_api_tokens(
        self,
        *,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> ApiTokenPage:
        """List your API tokens.

        Returns the API tokens of your account, the newest first, and when each was last used. Tokens that have expired or
        were revoked are listed for 30 days.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _list_my_api_tokens(
                after=after,
                limit=limit,
            )
        )

    async def create_api_token(
        self,
        body: NewApiToken,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> CreatedApiToken:
        """Create an API token.

        Creates a token with which a program acts as you, within its scopes. It can never do more than you may do at the
        time of a request, and never manages tokens, sessions, passwords or anything else that needs a session. The token
        is returned only once. You are told by mail, and can have 20 tokens that work.

        [Rate limit](/docs/guides/limits#rate-limits): `password`, 20 requests at once and 2 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _create_api_token(
                body,
                idempotency_key=idempotency_key,
            )
        )

    async def revoke_my_api_token(
        self,
        token_id: UUID,
    ) -> None:
        """Revoke one of your API tokens.

        Revokes an API token of your account. It stops working immediately, or within a second if the server runs as several
        processes. The request also succeeds if the token has expired or was revoked before.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _revoke_my_api_token(
                token_id,
            )
        )

    async def list_api_tokens(
        self,
        *,
        user_id: UUID | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> ApiTokenPage:
        """List the API tokens of all users.

        Returns the API tokens of all users or of one, the newest first, and when each was last used. Tokens that have
        expired or were revoked are listed for 30 days.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: admin.
        """

        return await self._send(
            _list_api_tokens(
                user_id=user_id,
                after=after,
                limit=limit,
            )
        )

    async def revoke_api_token(
        self,
        token_id: UUID,
    ) -> None:
        """Revoke an API token of any user.

        Revokes an API token of any user. It stops working immediately, or within a second if the server runs as several
        processes. The user can create another one; to prevent that, use `POST /users/{user_id}/suspension`, which revokes
        all of them. The request also succeeds if the token has expired or was revoked before.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: admin.
        """

        return await self._send(
            _revoke_api_token(
                token_id,
            )
        )

    async def list_users(
        self,
        *,
        role: Role | Unset = UNSET,
        search: str | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> UserPage:
        """List users.

        Returns all users, sorted by name. You can filter by role, and search by name or email address. To get one user,
        use `GET /users/{user_id}`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:read`.

        Roles: admin.

        Args:
            role: The role of a user in the school. A `member` is not enrolled in a batch, a `student` is enrolled in
                one, an `instructor` teaches the batches they are assigned to, and an `admin` has access to
                everything.
        """

        return await self._send(
            _list_users(
                role=role,
                search=search,
                after=after,
                limit=limit,
            )
        )

    async def get_user(
        self,
        user_id: UUID,
    ) -> User:
        """Get a user.

        Returns a user. The ID of a user is also their student ID: use it with `GET /students/{student_id}` to see how a
        student is doing.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:read`.

        Roles: admin.
        """

        return await self._send(
            _get_user(
                user_id,
            )
        )

    async def change_user_role(
        self,
        user_id: UUID,
        body: RoleChange,
        *,
        if_match: str | Unset = UNSET,
    ) -> User:
        """Change a user's role.

        Sets the role of a user and returns the user. Their sessions end, so that the new role takes effect immediately.
        The enrolment or the batch assignments that belong to the old role end too. Setting the role that the user already
        has changes nothing.

        You cannot set the role `student` (422 `student_role_requires_enrolment`): a user becomes a student by joining a
        batch with its registration key. You cannot change the role of the last admin (409 `last_admin`).

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: admin.
        """

        return await self._send(
            _change_user_role(
                user_id,
                body,
                if_match=if_match,
            )
        )

    async def list_user_sessions(
        self,
        user_id: UUID,
        *,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> ActiveSessionPage:
        """List a user's sessions.

        Returns the active sessions of a user, the newest first. A suspended user has none.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: admin.
        """

        return await self._send(
            _list_user_sessions(
                user_id,
                after=after,
                limit=limit,
            )
        )

    async def revoke_user_sessions(
        self,
        user_id: UUID,
    ) -> None:
        """Revoke all sessions of a user.

        Signs a user out on every device. Their tokens and cookies stop working immediately. The user can sign in again; to
        prevent that, use `POST /users/{user_id}/suspension`. The request also succeeds if the user has no session.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: admin.
        """

        return await self._send(
            _revoke_user_sessions(
                user_id,
            )
        )

    async def disable_user_totp(
        self,
        user_id: UUID,
    ) -> None:
        """Disable TOTP for a user.

        Removes the authenticator app and the recovery codes of a user who lost both, and ends all their sessions. The
        password alone is enough for their next sign-in, so make sure first that the request comes from them: see them in
        person, or call them on a number that you know. The request also succeeds if the user has no TOTP.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Needs [fresh authentication](/docs/guides/authentication#fresh-authentication) (403 `reauthentication_required`).

        Roles: admin.
        """

        return await self._send(
            _disable_user_totp(
                user_id,
            )
        )

    async def suspend_user(
        self,
        user_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> User:
        """Suspend a user.

        Ends the user's sessions and prevents the user from signing in. Their connection is deleted, so that they can
        connect the same WakaTime account with another Gradus account. Their other data is kept. Suspending a user who is
        already suspended changes nothing. You cannot suspend the last admin (409 `last_admin`). To reinstate the user,
        send `DELETE` to the same path.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:write`.

        Roles: admin.
        """

        return await self._send(
            _suspend_user(
                user_id,
                if_match=if_match,
            )
        )

    async def reinstate_user(
        self,
        user_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> None:
        """Reinstate a suspended user.

        Allows the user to sign in again. Their old sessions stay ended, and they have to connect again. The request also
        succeeds if the user is not suspended.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `accounts:write`.

        Roles: admin.
        """

        return await self._send(
            _reinstate_user(
                user_id,
                if_match=if_match,
            )
        )

    async def list_batches(
        self,
        *,
        status: BatchStatus | Unset = UNSET,
        search: str | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> BatchPage:
        """List batches.

        Returns the batches that you can access, sorted by name. Admins can access all batches, instructors those that
        they teach, students their own, and members none.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:read`.

        Roles: member, student, instructor, admin.

        Args:
            status: The status of a batch today, in the batch's time zone.
        """

        return await self._send(
            _list_batches(
                status=status,
                search=search,
                after=after,
                limit=limit,
            )
        )

    async def create_batch(
        self,
        body: NewBatch,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> Batch:
        """Create a batch.

        Creates a batch with an enabled registration key, and returns the batch.

        Next, get the key with `GET /batches/{batch_id}/registration-key` and share it with your students, and assign
        instructors with `PUT /batches/{batch_id}/instructors/{user_id}`.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: admin.
        """

        return await self._send(
            _create_batch(
                body,
                idempotency_key=idempotency_key,
            )
        )

    async def get_batch(
        self,
        batch_id: UUID,
    ) -> Batch:
        """Get a batch.

        Returns a batch. A batch that you cannot access returns 404 `batch_not_found`, exactly as one that does not exist.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:read`.

        Roles: student (their own batch), instructor (batches they teach), admin.
        """

        return await self._send(
            _get_batch(
                batch_id,
            )
        )

    async def update_batch(
        self,
        batch_id: UUID,
        body: BatchPatch,
        *,
        if_match: str | Unset = UNSET,
    ) -> Batch:
        """Update a batch.

        Updates the batch and returns it. Properties that you leave out keep their values; set `weekly_goal_seconds` to
        null to remove the goal. If you change the time zone, days that were fetched for the old one are fetched again.
        You cannot update an archived batch (409 `batch_archived`): restore it first.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: instructor (batches they teach), admin.
        """

        return await self._send(
            _update_batch(
                batch_id,
                body,
                if_match=if_match,
            )
        )

    async def archive_batch(
        self,
        batch_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> Batch:
        """Archive a batch.

        Archives the batch and returns it. Nobody can join an archived batch, it cannot be updated, and no days are
        fetched for it. Its data stays readable. Archiving a batch that is already archived changes nothing. To restore
        the batch, send `DELETE` to the same path.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: admin.
        """

        return await self._send(
            _archive_batch(
                batch_id,
                if_match=if_match,
            )
        )

    async def restore_batch(
        self,
        batch_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> None:
        """Restore an archived batch.

        Restores the batch. If its registration key is enabled, the key works again, and days are fetched again. The
        request also succeeds if the batch is not archived.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: admin.
        """

        return await self._send(
            _restore_batch(
                batch_id,
                if_match=if_match,
            )
        )

    async def list_batch_instructors(
        self,
        batch_id: UUID,
    ) -> InstructorPage:
        """List a batch's instructors.

        Returns all instructors who are assigned to the batch, sorted by name, on a single page.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:read`.

        Roles: instructor (batches they teach), admin.
        """

        return await self._send(
            _list_batch_instructors(
                batch_id,
            )
        )

    async def assign_instructor(
        self,
        batch_id: UUID,
        user_id: UUID,
    ) -> Instructor:
        """Assign an instructor to a batch.

        Assigns a user with the role `instructor` to the batch, and returns the assignment. The instructor can access the
        batch and its students immediately. Assigning an instructor who is already assigned changes nothing.

        A user with another role returns 409 `not_an_instructor`: change the role with `PUT /users/{user_id}/role` first.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: admin.
        """

        return await self._send(
            _assign_instructor(
                batch_id,
                user_id,
            )
        )

    async def remove_instructor(
        self,
        batch_id: UUID,
        user_id: UUID,
    ) -> None:
        """Remove an instructor from a batch.

        Removes the assignment. The user can no longer access the batch; their account does not change. If the user is not
        assigned to the batch, the request returns 404 `instructor_not_found`.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: admin.
        """

        return await self._send(
            _remove_instructor(
                batch_id,
                user_id,
            )
        )

    async def get_registration_key(
        self,
        batch_id: UUID,
    ) -> RegistrationKey:
        """Get a batch's registration key.

        Returns the key, its limits, and the number of seats taken. Share the key with the people who should join: they
        send it to `POST /auth/register` or `POST /me/enrolment`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:read`.

        Roles: instructor (batches they teach), admin.
        """

        return await self._send(
            _get_registration_key(
                batch_id,
            )
        )

    async def update_registration_key(
        self,
        batch_id: UUID,
        body: RegistrationKeyPatch,
        *,
        if_match: str | Unset = UNSET,
    ) -> RegistrationKey:
        """Update a registration key.

        Enables, disables or limits the key, and returns it. Properties that you leave out keep their values; set
        `expires_at` or `seats` to null to remove the limit. Students who have joined stay enrolled.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: instructor (batches they teach), admin.
        """

        return await self._send(
            _update_registration_key(
                batch_id,
                body,
                if_match=if_match,
            )
        )

    async def rotate_registration_key(
        self,
        batch_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> RegistrationKey:
        """Rotate a registration key.

        Replaces the key with a new one that has the same limits, and returns the new key. The old key stops working
        immediately. Students who have joined stay enrolled.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `batches:write`.

        Roles: instructor (batches they teach), admin.
        """

        return await self._send(
            _rotate_registration_key(
                batch_id,
                if_match=if_match,
            )
        )

    async def join_batch(
        self,
        body: JoinRequest,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> Student:
        """Join a batch.

        Enrols you in the batch that the registration key belongs to. You become a student, and the request returns the
        student. If all seats are taken, it returns 409 `batch_full`. If the key does not exist, is disabled, has expired,
        or belongs to an archived batch, it returns 422 `registration_key_invalid`.

        Next, connect WakaTime with `POST /me/wakatime/authorization` or `PUT /me/wakatime/api-key`.

        [Rate limit](/docs/guides/limits#rate-limits): `registration_key`, 20 requests at once and 2 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `students:write`.

        Roles: member.
        """

        return await self._send(
            _join_batch(
                body,
                idempotency_key=idempotency_key,
            )
        )

    async def list_students(
        self,
        *,
        batch_id: UUID | Unset = UNSET,
        status: EnrolmentStatus | Unset = UNSET,
        search: str | Unset = UNSET,
        connected: bool | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> StudentPage:
        """List students.

        Returns the students that you can access, sorted by name, each with the state of their WakaTime connection and the
        coverage of their last week. Admins can access all students, instructors those of the batches that they teach.

        To get one student, use `GET /students/{student_id}`. To get every day of a whole batch, use
        `GET /batches/{batch_id}/progress`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `students:read`.

        Roles: instructor (in batches they teach), admin.

        Args:
            status: The status of a student in their batch.
        """

        return await self._send(
            _list_students(
                batch_id=batch_id,
                status=status,
                search=search,
                connected=connected,
                after=after,
                limit=limit,
            )
        )

    async def get_student(
        self,
        student_id: UUID,
    ) -> Student:
        """Get a student.

        Returns a student with the state of their WakaTime connection and the coverage of their last week. For their
        coding days, use `GET /students/{student_id}/days`. For the reasons why days are missing, use
        `GET /students/{student_id}/coverage`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `students:read`.

        Roles: student (themselves), instructor (in batches they teach), admin.
        """

        return await self._send(
            _get_student(
                student_id,
            )
        )

    async def get_wakatime_connection(
        self,
    ) -> WakaTimeConnection:
        """Get your WakaTime connection.

        Returns what you are connected to, when days were last fetched, when they will be fetched next, and why the last
        sync failed. `coverage` is that of all your tracked days, and `summary` says the same in a sentence that you can
        show. If you are not connected, the request returns the state `not_connected`, not 404. It never returns a token
        or a key.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member, student, instructor, admin.
        """

        return await self._send(_get_wakatime_connection())

    async def disconnect_wakatime(
        self,
        *,
        if_match: str | Unset = UNSET,
    ) -> WakaTimeDisconnection:
        """Disconnect WakaTime.

        Deletes your connection and its secrets, and revokes the tokens at WakaTime. The connection is deleted even if
        WakaTime cannot be reached; `revocation` says whether the tokens were revoked. Days that were fetched are kept.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _disconnect_wakatime(
                if_match=if_match,
            )
        )

    async def start_wakatime_authorization(
        self,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> WakaTimeAuthorization:
        """Start the WakaTime authorization.

        Starts the OAuth flow and returns the URL to send the browser to. The authorization belongs to your session and
        expires after ten minutes. WakaTime sends the browser back with a code and a state: send both to
        `POST /me/wakatime/callback`.

        If the operator has not configured WakaTime's OAuth, the request returns 503 `wakatime_not_configured`: connect
        with an API key instead.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _start_wakatime_authorization(
                idempotency_key=idempotency_key,
            )
        )

    async def complete_wakatime_authorization(
        self,
        body: WakaTimeCallback,
    ) -> WakaTimeConnection:
        """Complete the WakaTime authorization.

        Exchanges the code and the state that WakaTime sent the browser back with, connects your account, schedules the
        first sync, and returns the connection. A state works once, even if the request fails: to try again, start over
        with `POST /me/wakatime/authorization`. If your page sends the same request twice within 30 seconds, in the same
        session, the second one returns the same result as the first.

        Next, poll `GET /me/wakatime` until `last_synced_at` is set, then get your days with `GET /me/days`.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        API tokens cannot call this operation (403 `session_required`).

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _complete_wakatime_authorization(
                body,
            )
        )

    async def connect_wakatime_with_key(
        self,
        body: WakaTimeKey,
        *,
        if_match: str | Unset = UNSET,
    ) -> WakaTimeConnection:
        """Connect WakaTime with an API key.

        Verifies the key at WakaTime, or at a compatible server that the operator allows, connects your account, schedules
        the first sync, and returns the connection. An existing connection is replaced. If it was for another account, all
        days are fetched again from the new one, and the days of the old one no longer count.

        Users can paste what they copied. `base_url` can be any part of the address of an allowed server, which
        `GET /wakatime/servers` lists: `wakapi.school.example`, `https://wakapi.school.example/` and
        `http://localhost:3000/api/v1` all work, because Gradus finds the API at that server. `api_key` can have spaces,
        line ends or quotes around it, and the name of the setting in front of it. Any other text returns 422
        `invalid_request` with the code `api_key_malformed` in `errors`, before a server is asked.

        Next, poll `GET /me/wakatime` until `last_synced_at` is set, then get your days with `GET /me/days`.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _connect_wakatime_with_key(
                body,
                if_match=if_match,
            )
        )

    async def sync_my_days(
        self,
        body: SyncRequest | Unset = UNSET,
    ) -> SyncAccepted:
        """Sync your coding days.

        Schedules a sync that starts within seconds. Without a body, it fetches the last week and all missing days. With
        `from` or `to`, it fetches the days of that range, for example to pick up coding time that an editor reported
        late; days that were fetched within the last ten minutes are left out. If the same sync is already scheduled, no
        second one is added. `Location` is the path of your connection, where `last_synced_at` or `failure` shows the
        result.

        [Rate limit](/docs/guides/limits#rate-limits): `sync`, 60 requests at once and 10 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _sync_my_days(
                body,
            )
        )

    async def list_wakatime_servers(
        self,
    ) -> WakaTimeServerPage:
        """List the servers that API keys can be for.

        Returns WakaTime and the compatible servers that the operator allows for API keys, the default first, on a single
        page. Send the `base_url` of one of them to `PUT /me/wakatime/api-key`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member, student, instructor, admin.
        """

        return await self._send(_list_wakatime_servers())

    async def disconnect_student_wakatime(
        self,
        student_id: UUID,
    ) -> WakaTimeDisconnection:
        """Disconnect a student's WakaTime account.

        Deletes the student's connection and its secrets, and revokes the tokens at WakaTime. Afterwards, the account can be
        connected by another user, for example if the student can no longer sign in here and has a new account. Days that
        were fetched are kept.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: instructor (in batches they teach), admin.
        """

        return await self._send(
            _disconnect_student_wakatime(
                student_id,
            )
        )

    async def list_student_wakatime_accounts(
        self,
        student_id: UUID,
    ) -> TrackedAccountPage:
        """List the accounts that a student's days came from.

        Returns the accounts at WakaTime or compatible servers that the student has connected, the current one first, on a
        single page. Only the days of the current account count, and those of accounts that staff accepted: after a student
        connects another account, all days are fetched again from it.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: instructor (in batches they teach), admin.
        """

        return await self._send(
            _list_student_wakatime_accounts(
                student_id,
            )
        )

    async def accept_wakatime_account(
        self,
        student_id: UUID,
        account_id: UUID,
    ) -> TrackedAccount:
        """Enable the days of another account of a student.

        Accepts that an account is the student's, and returns it. From then on, its days count where the current account has
        no coding time. Accepting an account that is accepted changes nothing.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: instructor (in batches they teach), admin.
        """

        return await self._send(
            _accept_wakatime_account(
                student_id,
                account_id,
            )
        )

    async def reject_wakatime_account(
        self,
        student_id: UUID,
        account_id: UUID,
    ) -> TrackedAccount:
        """Disable the days of another account of a student.

        Undoes the acceptance of an account, and returns the account. Its days no longer count, unless it is the current
        one. Rejecting an account that is not accepted changes nothing.

        [Rate limit](/docs/guides/limits#rate-limits): `write`, 200 requests at once and 120 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: instructor (in batches they teach), admin.
        """

        return await self._send(
            _reject_wakatime_account(
                student_id,
                account_id,
            )
        )

    async def list_my_days(
        self,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
        changed_since: datetime.datetime | Unset = UNSET,
    ) -> DayReport:
        """List your coding days.

        Returns your coding days in a date range, each with its state, its coding time and the breakdown of that time, and
        the coverage of the whole range. Without `from`, the range is the last 30 days. Days that are not tracked are left
        out, such as days after the end of your batch.

        To keep a copy up to date, send `changed_since`: only the days that changed are then returned, while `total` is
        still that of the whole range.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _list_my_days(
                from_=from_,
                to=to,
                changed_since=changed_since,
            )
        )

    async def get_today(
        self,
    ) -> DayReport:
        """Get your coding time today.

        Returns the same report as `GET /me/days` for today only, as of the last sync. To fetch today again, use
        `POST /me/wakatime/sync`. The list `days` has one element, or none if you are not tracked today. Its state is never
        `ok` or `empty`, because the day has not ended: it is `partial` once it was fetched, with the seconds so far.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member, student, instructor, admin.
        """

        return await self._send(_get_today())

    async def list_student_days(
        self,
        student_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
        changed_since: datetime.datetime | Unset = UNSET,
    ) -> DayReport:
        """List a student's coding days.

        Returns the student's coding days in a date range, each with its state, its coding time and the breakdown of that
        time, and the coverage of the whole range. Without `from`, the range is the last 30 days. Days that are not tracked
        are left out, such as days after the end of the batch.

        To keep a copy up to date, send `changed_since`: only the days that changed are then returned, while `total` is
        still that of the whole range.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member (themselves), student (themselves), instructor (in batches they teach), admin.
        """

        return await self._send(
            _list_student_days(
                student_id,
                from_=from_,
                to=to,
                changed_since=changed_since,
            )
        )

    async def get_student_coverage(
        self,
        student_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
    ) -> CoverageReport:
        """Get a student's coverage.

        Returns the student's coding days in a date range, each with its state, its coding time, and where it was fetched
        from or why it is missing, but without the breakdown. Without `from`, the range is the last 30 days.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: member (themselves), student (themselves), instructor (in batches they teach), admin.
        """

        return await self._send(
            _get_student_coverage(
                student_id,
                from_=from_,
                to=to,
            )
        )

    async def sync_student_days(
        self,
        student_id: UUID,
        body: SyncRequest | Unset = UNSET,
    ) -> SyncAccepted:
        """Sync a student's coding days.

        Schedules a sync that starts within seconds. Without a body, it fetches the last week and all missing days. With
        `from` or `to`, it fetches the days of that range, for example to pick up coding time that an editor reported
        late; days that were fetched within the last ten minutes are left out. If the same sync is already scheduled, no
        second one is added. `Location` is the path of the student's coverage, where the fetched days appear.

        [Rate limit](/docs/guides/limits#rate-limits): `sync`, 60 requests at once and 10 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:write`.

        Roles: member (themselves), student (themselves), instructor (in batches they teach), admin.
        """

        return await self._send(
            _sync_student_days(
                student_id,
                body,
            )
        )

    async def get_batch_progress(
        self,
        batch_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> BatchProgress:
        """Get a batch's progress.

        Returns a page of students, sorted by name, with the state and the coding time of each day in a date range. Each
        student has a coverage, and so has the whole batch, on the first page. Without `from`, the range is the last 30
        days. The students of the batch times the days of the range can be at most 60,000, such as 2,000 students and 30
        days; otherwise, the request fails with `range_too_large`.

        `measure` says which time counts in this batch. Students whose `yardstick` is `other` are measured differently, and
        cannot be compared with the rest.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: instructor (batches they teach), admin.
        """

        return await self._send(
            _get_batch_progress(
                batch_id,
                from_=from_,
                to=to,
                after=after,
                limit=limit,
            )
        )

    async def get_batch_coverage(
        self,
        batch_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> BatchCoverage:
        """List students with missing days.

        Returns a page of the students of the batch who have missing days in a date range, with the reason and the first of
        these days, and of those whose connection is failing. They are sorted by name. The first page includes the coverage
        of the whole batch. Without `from`, the range is the last 30 days. The students of the batch times the days of the
        range can be at most 60,000, such as 2,000 students and 30 days; otherwise, the request fails with
        `range_too_large`.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `tracking:read`.

        Roles: instructor (batches they teach), admin.
        """

        return await self._send(
            _get_batch_coverage(
                batch_id,
                from_=from_,
                to=to,
                after=after,
                limit=limit,
            )
        )

    async def get_dashboard(
        self,
    ) -> Dashboard:
        """Get the dashboard.

        Returns an overview of the school: users by role, connected students, the coding time of the last 7 and 30 days
        with its coverage, the newest students, the active batches with the last week of their median student, and failing
        background jobs.

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `insights:read`.

        Roles: admin.
        """

        return await self._send(_get_dashboard())

    async def list_audit_entries(
        self,
        *,
        actor_id: UUID | Unset = UNSET,
        subject: str | Unset = UNSET,
        action: str | Unset = UNSET,
        from_: datetime.datetime | Unset = UNSET,
        to: datetime.datetime | Unset = UNSET,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
    ) -> AuditPage:
        """List audit log entries.

        Returns the audit log, newest entry first: what people changed, who did it, when, and from where. If you set several
        filters, an entry has to match all of them.

        Background jobs change data too. They record only what staff may have to trace: an operator's command, and a
        connection that stopped working. Days that a sync fetches have no entry: each day says when it changed and when it
        was last requested (`changed_at`, `checked_at`).

        [Rate limit](/docs/guides/limits#rate-limits): `read`, 600 requests at once and 600 per minute, per user.

        [API token](/docs/guides/authentication#api-tokens) scope: `auditlog:read`.

        Roles: admin.
        """

        return await self._send(
            _list_audit_entries(
                actor_id=actor_id,
                subject=subject,
                action=action,
                from_=from_,
                to=to,
                after=after,
                limit=limit,
            )
        )
