import datetime
from uuid import UUID

from .core import AsyncCore, Call, Core
from .models.audit_page import AuditPage
from .models.batch import Batch
from .models.batch_coverage import BatchCoverage
from .models.batch_page import BatchPage
from .models.batch_patch import BatchPatch
from .models.batch_progress import BatchProgress
from .models.batch_status import BatchStatus
from .models.coverage_report import CoverageReport
from .models.credentials import Credentials
from .models.dashboard import Dashboard
from .models.day_report import DayReport
from .models.enrolment_status import EnrolmentStatus
from .models.instructor import Instructor
from .models.instructor_page import InstructorPage
from .models.join_request import JoinRequest
from .models.me import Me
from .models.new_batch import NewBatch
from .models.profile_patch import ProfilePatch
from .models.registration import Registration
from .models.registration_key import RegistrationKey
from .models.registration_key_patch import RegistrationKeyPatch
from .models.role import Role
from .models.role_change import RoleChange
from .models.session import Session
from .models.student import Student
from .models.student_page import StudentPage
from .models.sync_accepted import SyncAccepted
from .models.user import User
from .models.user_page import UserPage
from .models.waka_time_authorization import WakaTimeAuthorization
from .models.waka_time_callback import WakaTimeCallback
from .models.waka_time_connection import WakaTimeConnection
from .models.waka_time_disconnection import WakaTimeDisconnection
from .models.waka_time_key import WakaTimeKey
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
) -> Call[Session]:
    return Call(
        "POST",
        "/auth/login",
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


def _sync_my_days() -> Call[SyncAccepted]:
    return Call(
        "POST",
        "/me/wakatime/sync",
        SyncAccepted.from_dict,
    )


def _list_my_days(
    *,
    from_: datetime.date | Unset = UNSET,
    to: datetime.date | Unset = UNSET,
) -> Call[DayReport]:
    return Call(
        "GET",
        "/me/days",
        DayReport.from_dict,
        query={
            "from": from_,
            "to": to,
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
) -> Call[SyncAccepted]:
    return Call(
        "POST",
        "/students/{student_id}/sync",
        SyncAccepted.from_dict,
        path={
            "student_id": student_id,
        },
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
    """Calls one Gradus server.

    Each operation of the API is a method. It returns the thing itself and raises
    `GradusError` when the server refuses, or an `httpx.HTTPError` when it cannot be
    reached.
    """

    def register(
        self,
        body: Registration,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> Session:
        """Make an account and sign in.

        Makes an account and signs it in at once. With a registration key the new user joins the key's batch as a student;
        without one they are a member and can join later. Either everything happens or nothing.

        Next, connect WakaTime with `POST /me/wakatime/authorization` or `PUT /me/wakatime/api-key`.

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
    ) -> Session:
        """Start a session.

        Answers with a token, or sets a cookie when `carrier` is `cookie`. An unknown address, a wrong password and a
        suspended account answer the same in the same time.

        Next, send the token as `Authorization: Bearer` with every request.

        Roles: anyone.
        """

        return self._send(
            _sign_in(
                body,
            )
        )

    def sign_out(
        self,
    ) -> None:
        """End this session.

        Ends the session that carries this request. Its token or cookie is good for nothing from now on; other sessions of
        the user go on.

        Roles: member, student, instructor, admin.
        """

        return self._send(_sign_out())

    def get_me(
        self,
    ) -> Me:
        """One's own account.

        Answers with the account of whoever asks, with their role, and with the batch that they are enrolled in or the
        batches that they teach. Ask this first, to know what to show.

        Roles: member, student, instructor, admin.
        """

        return self._send(_get_me())

    def update_me(
        self,
        body: ProfilePatch,
        *,
        if_match: str | Unset = UNSET,
    ) -> Me:
        """Change one's own account.

        Changes the name or the time zone of whoever asks, and answers with the account. The account's zone cuts the days
        of who is in no batch; in a batch, the batch's zone does.

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _update_me(
                body,
                if_match=if_match,
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
        """All users, by name.

        Lists the users of the school, in the order of their names. Read one with `GET /users/{user_id}`.

        Roles: admin.

        Args:
            role: What a user is to the school. A `member` is in no batch, a `student` is enrolled in one, an
                `instructor` teaches the batches they are assigned to, an `admin` may do everything.
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
        """One user.

        Answers with one user. What a student codes is at `GET /students/{student_id}`, under the same id.

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
        """Give a user another role.

        Sets the role and ends the user's sessions, so that the new role counts at once. What came with the old role ends
        too: an enrolment, or assignments to batches. Setting the role that the user has already changes nothing.

        A user becomes a student by joining a batch with its key; `student` answers 422 `student_role_requires_enrolment`.
        The last admin cannot be made anything else (409 `last_admin`).

        Roles: admin.
        """

        return self._send(
            _change_user_role(
                user_id,
                body,
                if_match=if_match,
            )
        )

    def suspend_user(
        self,
        user_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> User:
        """Bar a user from signing in.

        Ends the user's sessions and refuses new ones. Their data stays. Doing it twice is once. The last admin cannot be
        suspended (409 `last_admin`). `DELETE` undoes it.

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
        """Let a user sign in again.

        Ends a suspension. The user signs in again by themselves; old sessions do not come back. It is no error when the
        user was not suspended.

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
        """The batches that one sees, by name.

        Lists batches in the order of their names: all of them for admins, those that they teach for instructors, their own
        for students, and none for members.

        Roles: member, student, instructor, admin.

        Args:
            status: Where a batch stands today, by the calendar of its own zone.
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
        """Open a batch.

        Makes a batch together with a registration key that is switched on.

        Next, read the key with `GET /batches/{batch_id}/registration-key` and give it to the students, and assign
        instructors with `PUT /batches/{batch_id}/instructors/{user_id}`.

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
        """One batch.

        Answers with one batch. A batch that one may not see is answered as one that does not exist.

        Roles: student (their own), instructor (those they teach), admin.
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
        """Change a batch.

        Changes what is given and leaves the rest alone; `weekly_goal_seconds` null takes the goal away. With another time
        zone, the days that were cut in the old one are fetched again. An archived batch has to be reopened first.

        Roles: instructor (those they teach), admin.
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

        Closes the batch: nobody can join it, it cannot be changed, and no days are fetched for it. What is known of it
        stays readable. Doing it twice is once. `DELETE` undoes it.

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
        """Reopen a batch.

        Ends an archival. The registration key works again if it was switched on, and days are fetched again. It is no
        error when the batch was not archived.

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
        """Who teaches a batch, by name.

        Lists everybody who is assigned to the batch, in one page.

        Roles: instructor (those they teach), admin.
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
        """Let an instructor teach a batch.

        Assigns a user of the role instructor to the batch; they see it and its students from now on. Doing it twice is
        once. Somebody of another role answers 409 `not_an_instructor`; change their role with
        `PUT /users/{user_id}/role` first.

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
        """Let somebody teach a batch no longer.

        Ends an assignment; the user does not see the batch any more. Their account stays as it is. The second time it
        answers 404 `instructor_not_found`.

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
        """The key to join a batch.

        Answers with the key, its limits and how many seats are taken. Give the key to those who are to join: they use it
        with `POST /auth/register` or `POST /me/enrolment`.

        Roles: instructor (those they teach), admin.
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
        """Switch a key on or off, or limit it.

        Changes what is given and leaves the rest alone; `expires_at` or `seats` null takes that limit away. Nobody who has
        joined is put out.

        Roles: instructor (those they teach), admin.
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
        """Replace a key.

        Makes a new key with the same limits. The old one lets nobody in from now on; who has joined stays.

        Roles: instructor (those they teach), admin.
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
        """Join a batch with its key.

        Enrols whoever asks in the batch of the key and makes them a student. Seats are exact: when the last one is taken,
        the next asks in vain (409 `batch_full`). A key that never was, is switched off, has expired or belongs to an
        archived batch answers 422 `registration_key_invalid`.

        Next, connect WakaTime with `POST /me/wakatime/authorization` or `PUT /me/wakatime/api-key`.

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
        """The students that one sees, by name.

        Lists students in the order of their names, each with the state of their connection and the coverage of their last
        week: all of them for admins, those of the batches that they teach for instructors.

        Read one with `GET /students/{student_id}`, and a whole class by days with `GET /batches/{batch_id}/progress`.

        Roles: instructor (of batches they teach), admin.

        Args:
            status: How a student stands in their batch.
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
        """One student.

        Answers with one student, the state of their connection and the coverage of their last week. Their days are at
        `GET /students/{student_id}/days`, and why some are missing at `GET /students/{student_id}/coverage`.

        Roles: student (themselves), instructor (of batches they teach), admin.
        """

        return self._send(
            _get_student(
                student_id,
            )
        )

    def get_wakatime_connection(
        self,
    ) -> WakaTimeConnection:
        """One's own connection to WakaTime.

        Says what is connected, when days were last fetched, when they will be next, and what went wrong, in fields and in
        words. Who is not connected gets the state `not_connected`, not a 404. It never shows a token or a key.

        Roles: member, student, instructor, admin.
        """

        return self._send(_get_wakatime_connection())

    def disconnect_wakatime(
        self,
        *,
        if_match: str | Unset = UNSET,
    ) -> WakaTimeDisconnection:
        """Disconnect WakaTime.

        Forgets the connection and its secrets, and ends the tokens at WakaTime. The connection goes even when WakaTime
        cannot be told; `revocation` says whether it could. Days that were fetched stay.

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
        """Start signing in at WakaTime.

        Answers with the address to send the browser to. It belongs to this session and is good for ten minutes. WakaTime
        sends the browser back with a code and a state; give both to `POST /me/wakatime/callback`. Where the operator has
        not set up WakaTime it answers 503 `wakatime_not_configured`; connect with an API key instead.

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
        """Finish signing in at WakaTime.

        Takes the code and the state that WakaTime sent the browser back with, connects the account, and plans the first
        sync. The state is used up whatever happens; after a failure start again with `POST /me/wakatime/authorization`.

        Next, read `GET /me/wakatime` until `last_synced_at` is set, then `GET /me/days`.

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
        """Connect with an API key.

        Tries the key at WakaTime, or at a compatible server that the operator allows, connects the account, and plans the
        first sync. It takes the place of a connection that there was.

        Next, read `GET /me/wakatime` until `last_synced_at` is set, then `GET /me/days`.

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
    ) -> SyncAccepted:
        """Fetch one's own days now.

        Plans a sync of the last week and of everything that is missing, which runs within seconds. A sync that waits
        already is not planned twice. `Location` says where to see how it went: `last_synced_at`, or `failure`.

        Roles: member, student, instructor, admin.
        """

        return self._send(_sync_my_days())

    def list_my_days(
        self,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
    ) -> DayReport:
        """One's own days.

        Answers with the days of a range that should be known, each with its state, its time and its parts, and with what
        is known of them in all. Without `from` it is the last 30 days. Days on which nothing was expected are left out.

        Roles: member, student, instructor, admin.
        """

        return self._send(
            _list_my_days(
                from_=from_,
                to=to,
            )
        )

    def get_today(
        self,
    ) -> DayReport:
        """One's own day so far.

        Answers like `GET /me/days` for today alone, as of the last sync; `POST /me/wakatime/sync` fetches it anew. `days`
        has one element, or none when nothing is expected of whoever asks.

        Roles: member, student, instructor, admin.
        """

        return self._send(_get_today())

    def list_student_days(
        self,
        student_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
    ) -> DayReport:
        """The days of a student.

        Answers with the days of a range that should be known, each with its state, its time and its parts, and with what
        is known of them in all. Without `from` it is the last 30 days. Days on which nothing was expected are left out.

        Roles: member (themselves), student (themselves), instructor (of batches they teach), admin.
        """

        return self._send(
            _list_student_days(
                student_id,
                from_=from_,
                to=to,
            )
        )

    def get_student_coverage(
        self,
        student_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
    ) -> CoverageReport:
        """What is known of a student's days.

        Answers with the days of a range that should be known, each with how it came to be known or why it is not, without
        parts. Without `from` it is the last 30 days.

        Roles: member (themselves), student (themselves), instructor (of batches they teach), admin.
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
    ) -> SyncAccepted:
        """Fetch the days of a student now.

        Plans a sync of the last week and of everything that is missing, which runs within seconds. A sync that waits
        already is not planned twice. `Location` says where to see what became known.

        Roles: member (themselves), student (themselves), instructor (of batches they teach), admin.
        """

        return self._send(
            _sync_student_days(
                student_id,
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
        """A class by days.

        Answers with a page of students, by name, times the days of a range: for each day its state and its seconds, and
        for each student and for the whole class what is known. Without `from` it is the last 30 days.

        Roles: instructor (those they teach), admin.
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
    ) -> BatchCoverage:
        """Who of a class has gaps.

        Answers with the students who have days that should be known and are not, with why and since when, those with the
        most at the top, and with what is known of the whole class. Without `from` it is the last 30 days.

        Roles: instructor (those they teach), admin.
        """

        return self._send(
            _get_batch_coverage(
                batch_id,
                from_=from_,
                to=to,
            )
        )

    def get_dashboard(
        self,
    ) -> Dashboard:
        """The school at a glance.

        Answers with users by role, connected students, the coding time of the last 7 and 30 days with how much of it is
        known, the newest students, the active batches with the week of their median student, and failing jobs.

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
        """Who did what, newest first.

        Lists what was changed, by whom, when and from where. Filters narrow it together.

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
    """Calls one Gradus server, for asyncio. See `Gradus`."""

    async def register(
        self,
        body: Registration,
        *,
        idempotency_key: str | Unset = UNSET,
    ) -> Session:
        """Make an account and sign in.

        Makes an account and signs it in at once. With a registration key the new user joins the key's batch as a student;
        without one they are a member and can join later. Either everything happens or nothing.

        Next, connect WakaTime with `POST /me/wakatime/authorization` or `PUT /me/wakatime/api-key`.

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
    ) -> Session:
        """Start a session.

        Answers with a token, or sets a cookie when `carrier` is `cookie`. An unknown address, a wrong password and a
        suspended account answer the same in the same time.

        Next, send the token as `Authorization: Bearer` with every request.

        Roles: anyone.
        """

        return await self._send(
            _sign_in(
                body,
            )
        )

    async def sign_out(
        self,
    ) -> None:
        """End this session.

        Ends the session that carries this request. Its token or cookie is good for nothing from now on; other sessions of
        the user go on.

        Roles: member, student, instructor, admin.
        """

        return await self._send(_sign_out())

    async def get_me(
        self,
    ) -> Me:
        """One's own account.

        Answers with the account of whoever asks, with their role, and with the batch that they are enrolled in or the
        batches that they teach. Ask this first, to know what to show.

        Roles: member, student, instructor, admin.
        """

        return await self._send(_get_me())

    async def update_me(
        self,
        body: ProfilePatch,
        *,
        if_match: str | Unset = UNSET,
    ) -> Me:
        """Change one's own account.

        Changes the name or the time zone of whoever asks, and answers with the account. The account's zone cuts the days
        of who is in no batch; in a batch, the batch's zone does.

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _update_me(
                body,
                if_match=if_match,
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
        """All users, by name.

        Lists the users of the school, in the order of their names. Read one with `GET /users/{user_id}`.

        Roles: admin.

        Args:
            role: What a user is to the school. A `member` is in no batch, a `student` is enrolled in one, an
                `instructor` teaches the batches they are assigned to, an `admin` may do everything.
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
        """One user.

        Answers with one user. What a student codes is at `GET /students/{student_id}`, under the same id.

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
        """Give a user another role.

        Sets the role and ends the user's sessions, so that the new role counts at once. What came with the old role ends
        too: an enrolment, or assignments to batches. Setting the role that the user has already changes nothing.

        A user becomes a student by joining a batch with its key; `student` answers 422 `student_role_requires_enrolment`.
        The last admin cannot be made anything else (409 `last_admin`).

        Roles: admin.
        """

        return await self._send(
            _change_user_role(
                user_id,
                body,
                if_match=if_match,
            )
        )

    async def suspend_user(
        self,
        user_id: UUID,
        *,
        if_match: str | Unset = UNSET,
    ) -> User:
        """Bar a user from signing in.

        Ends the user's sessions and refuses new ones. Their data stays. Doing it twice is once. The last admin cannot be
        suspended (409 `last_admin`). `DELETE` undoes it.

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
        """Let a user sign in again.

        Ends a suspension. The user signs in again by themselves; old sessions do not come back. It is no error when the
        user was not suspended.

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
        """The batches that one sees, by name.

        Lists batches in the order of their names: all of them for admins, those that they teach for instructors, their own
        for students, and none for members.

        Roles: member, student, instructor, admin.

        Args:
            status: Where a batch stands today, by the calendar of its own zone.
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
        """Open a batch.

        Makes a batch together with a registration key that is switched on.

        Next, read the key with `GET /batches/{batch_id}/registration-key` and give it to the students, and assign
        instructors with `PUT /batches/{batch_id}/instructors/{user_id}`.

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
        """One batch.

        Answers with one batch. A batch that one may not see is answered as one that does not exist.

        Roles: student (their own), instructor (those they teach), admin.
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
        """Change a batch.

        Changes what is given and leaves the rest alone; `weekly_goal_seconds` null takes the goal away. With another time
        zone, the days that were cut in the old one are fetched again. An archived batch has to be reopened first.

        Roles: instructor (those they teach), admin.
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

        Closes the batch: nobody can join it, it cannot be changed, and no days are fetched for it. What is known of it
        stays readable. Doing it twice is once. `DELETE` undoes it.

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
        """Reopen a batch.

        Ends an archival. The registration key works again if it was switched on, and days are fetched again. It is no
        error when the batch was not archived.

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
        """Who teaches a batch, by name.

        Lists everybody who is assigned to the batch, in one page.

        Roles: instructor (those they teach), admin.
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
        """Let an instructor teach a batch.

        Assigns a user of the role instructor to the batch; they see it and its students from now on. Doing it twice is
        once. Somebody of another role answers 409 `not_an_instructor`; change their role with
        `PUT /users/{user_id}/role` first.

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
        """Let somebody teach a batch no longer.

        Ends an assignment; the user does not see the batch any more. Their account stays as it is. The second time it
        answers 404 `instructor_not_found`.

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
        """The key to join a batch.

        Answers with the key, its limits and how many seats are taken. Give the key to those who are to join: they use it
        with `POST /auth/register` or `POST /me/enrolment`.

        Roles: instructor (those they teach), admin.
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
        """Switch a key on or off, or limit it.

        Changes what is given and leaves the rest alone; `expires_at` or `seats` null takes that limit away. Nobody who has
        joined is put out.

        Roles: instructor (those they teach), admin.
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
        """Replace a key.

        Makes a new key with the same limits. The old one lets nobody in from now on; who has joined stays.

        Roles: instructor (those they teach), admin.
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
        """Join a batch with its key.

        Enrols whoever asks in the batch of the key and makes them a student. Seats are exact: when the last one is taken,
        the next asks in vain (409 `batch_full`). A key that never was, is switched off, has expired or belongs to an
        archived batch answers 422 `registration_key_invalid`.

        Next, connect WakaTime with `POST /me/wakatime/authorization` or `PUT /me/wakatime/api-key`.

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
        """The students that one sees, by name.

        Lists students in the order of their names, each with the state of their connection and the coverage of their last
        week: all of them for admins, those of the batches that they teach for instructors.

        Read one with `GET /students/{student_id}`, and a whole class by days with `GET /batches/{batch_id}/progress`.

        Roles: instructor (of batches they teach), admin.

        Args:
            status: How a student stands in their batch.
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
        """One student.

        Answers with one student, the state of their connection and the coverage of their last week. Their days are at
        `GET /students/{student_id}/days`, and why some are missing at `GET /students/{student_id}/coverage`.

        Roles: student (themselves), instructor (of batches they teach), admin.
        """

        return await self._send(
            _get_student(
                student_id,
            )
        )

    async def get_wakatime_connection(
        self,
    ) -> WakaTimeConnection:
        """One's own connection to WakaTime.

        Says what is connected, when days were last fetched, when they will be next, and what went wrong, in fields and in
        words. Who is not connected gets the state `not_connected`, not a 404. It never shows a token or a key.

        Roles: member, student, instructor, admin.
        """

        return await self._send(_get_wakatime_connection())

    async def disconnect_wakatime(
        self,
        *,
        if_match: str | Unset = UNSET,
    ) -> WakaTimeDisconnection:
        """Disconnect WakaTime.

        Forgets the connection and its secrets, and ends the tokens at WakaTime. The connection goes even when WakaTime
        cannot be told; `revocation` says whether it could. Days that were fetched stay.

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
        """Start signing in at WakaTime.

        Answers with the address to send the browser to. It belongs to this session and is good for ten minutes. WakaTime
        sends the browser back with a code and a state; give both to `POST /me/wakatime/callback`. Where the operator has
        not set up WakaTime it answers 503 `wakatime_not_configured`; connect with an API key instead.

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
        """Finish signing in at WakaTime.

        Takes the code and the state that WakaTime sent the browser back with, connects the account, and plans the first
        sync. The state is used up whatever happens; after a failure start again with `POST /me/wakatime/authorization`.

        Next, read `GET /me/wakatime` until `last_synced_at` is set, then `GET /me/days`.

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
        """Connect with an API key.

        Tries the key at WakaTime, or at a compatible server that the operator allows, connects the account, and plans the
        first sync. It takes the place of a connection that there was.

        Next, read `GET /me/wakatime` until `last_synced_at` is set, then `GET /me/days`.

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
    ) -> SyncAccepted:
        """Fetch one's own days now.

        Plans a sync of the last week and of everything that is missing, which runs within seconds. A sync that waits
        already is not planned twice. `Location` says where to see how it went: `last_synced_at`, or `failure`.

        Roles: member, student, instructor, admin.
        """

        return await self._send(_sync_my_days())

    async def list_my_days(
        self,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
    ) -> DayReport:
        """One's own days.

        Answers with the days of a range that should be known, each with its state, its time and its parts, and with what
        is known of them in all. Without `from` it is the last 30 days. Days on which nothing was expected are left out.

        Roles: member, student, instructor, admin.
        """

        return await self._send(
            _list_my_days(
                from_=from_,
                to=to,
            )
        )

    async def get_today(
        self,
    ) -> DayReport:
        """One's own day so far.

        Answers like `GET /me/days` for today alone, as of the last sync; `POST /me/wakatime/sync` fetches it anew. `days`
        has one element, or none when nothing is expected of whoever asks.

        Roles: member, student, instructor, admin.
        """

        return await self._send(_get_today())

    async def list_student_days(
        self,
        student_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
    ) -> DayReport:
        """The days of a student.

        Answers with the days of a range that should be known, each with its state, its time and its parts, and with what
        is known of them in all. Without `from` it is the last 30 days. Days on which nothing was expected are left out.

        Roles: member (themselves), student (themselves), instructor (of batches they teach), admin.
        """

        return await self._send(
            _list_student_days(
                student_id,
                from_=from_,
                to=to,
            )
        )

    async def get_student_coverage(
        self,
        student_id: UUID,
        *,
        from_: datetime.date | Unset = UNSET,
        to: datetime.date | Unset = UNSET,
    ) -> CoverageReport:
        """What is known of a student's days.

        Answers with the days of a range that should be known, each with how it came to be known or why it is not, without
        parts. Without `from` it is the last 30 days.

        Roles: member (themselves), student (themselves), instructor (of batches they teach), admin.
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
    ) -> SyncAccepted:
        """Fetch the days of a student now.

        Plans a sync of the last week and of everything that is missing, which runs within seconds. A sync that waits
        already is not planned twice. `Location` says where to see what became known.

        Roles: member (themselves), student (themselves), instructor (of batches they teach), admin.
        """

        return await self._send(
            _sync_student_days(
                student_id,
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
        """A class by days.

        Answers with a page of students, by name, times the days of a range: for each day its state and its seconds, and
        for each student and for the whole class what is known. Without `from` it is the last 30 days.

        Roles: instructor (those they teach), admin.
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
    ) -> BatchCoverage:
        """Who of a class has gaps.

        Answers with the students who have days that should be known and are not, with why and since when, those with the
        most at the top, and with what is known of the whole class. Without `from` it is the last 30 days.

        Roles: instructor (those they teach), admin.
        """

        return await self._send(
            _get_batch_coverage(
                batch_id,
                from_=from_,
                to=to,
            )
        )

    async def get_dashboard(
        self,
    ) -> Dashboard:
        """The school at a glance.

        Answers with users by role, connected students, the coding time of the last 7 and 30 days with how much of it is
        known, the newest students, the active batches with the week of their median student, and failing jobs.

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
        """Who did what, newest first.

        Lists what was changed, by whom, when and from where. Filters narrow it together.

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
