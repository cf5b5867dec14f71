"""Contains all the data models used in inputs/outputs"""

from .active_batch import ActiveBatch
from .active_session import ActiveSession
from .active_session_page import ActiveSessionPage
from .ai_time import AITime
from .api_token import ApiToken
from .api_token_page import ApiTokenPage
from .api_token_scope import ApiTokenScope
from .audit_entry import AuditEntry
from .audit_entry_details import AuditEntryDetails
from .audit_page import AuditPage
from .audit_role import AuditRole
from .batch import Batch
from .batch_coverage import BatchCoverage
from .batch_page import BatchPage
from .batch_patch import BatchPatch
from .batch_progress import BatchProgress
from .batch_status import BatchStatus
from .batch_summary import BatchSummary
from .coding_day import CodingDay
from .coding_total import CodingTotal
from .confirmation_token import ConfirmationToken
from .connection_kind import ConnectionKind
from .connection_state import ConnectionState
from .coverage import Coverage
from .coverage_report import CoverageReport
from .created_api_token import CreatedApiToken
from .credentials import Credentials
from .dashboard import Dashboard
from .day_parts import DayParts
from .day_report import DayReport
from .day_state import DayState
from .detailed_day import DetailedDay
from .email_change import EmailChange
from .enrolment_status import EnrolmentStatus
from .failing import Failing
from .field_problem import FieldProblem
from .instructor import Instructor
from .instructor_page import InstructorPage
from .join_request import JoinRequest
from .me import Me
from .measure import Measure
from .new_api_token import NewApiToken
from .new_batch import NewBatch
from .new_recovery_codes import NewRecoveryCodes
from .part import Part
from .password_change import PasswordChange
from .password_reset import PasswordReset
from .password_reset_request import PasswordResetRequest
from .pending_confirmation import PendingConfirmation
from .problem import Problem
from .problem_code import ProblemCode
from .profile_patch import ProfilePatch
from .progress_state import ProgressState
from .reason import Reason
from .reauthentication import Reauthentication
from .refresh import Refresh
from .registration import Registration
from .registration_key import RegistrationKey
from .registration_key_patch import RegistrationKeyPatch
from .revocation_status import RevocationStatus
from .role import Role
from .role_change import RoleChange
from .second_factor import SecondFactor
from .session import Session
from .session_carrier import SessionCarrier
from .sign_in_challenge import SignInChallenge
from .sign_in_completion import SignInCompletion
from .student import Student
from .student_gap import StudentGap
from .student_page import StudentPage
from .student_progress import StudentProgress
from .sync_accepted import SyncAccepted
from .sync_failure import SyncFailure
from .sync_request import SyncRequest
from .totp import Totp
from .totp_confirmation import TotpConfirmation
from .totp_enrolment import TotpEnrolment
from .totp_state import TotpState
from .tracked_account import TrackedAccount
from .tracked_account_page import TrackedAccountPage
from .user import User
from .user_counts import UserCounts
from .user_page import UserPage
from .waka_time_account import WakaTimeAccount
from .waka_time_authorization import WakaTimeAuthorization
from .waka_time_callback import WakaTimeCallback
from .waka_time_connection import WakaTimeConnection
from .waka_time_disconnection import WakaTimeDisconnection
from .waka_time_key import WakaTimeKey
from .waka_time_server import WakaTimeServer
from .waka_time_server_page import WakaTimeServerPage
from .yardstick import Yardstick
from .yardstick_kind import YardstickKind

__all__ = (
    "ActiveBatch",
    "ActiveSession",
    "ActiveSessionPage",
    "AITime",
    "ApiToken",
    "ApiTokenPage",
    "ApiTokenScope",
    "AuditEntry",
    "AuditEntryDetails",
    "AuditPage",
    "AuditRole",
    "Batch",
    "BatchCoverage",
    "BatchPage",
    "BatchPatch",
    "BatchProgress",
    "BatchStatus",
    "BatchSummary",
    "CodingDay",
    "CodingTotal",
    "ConfirmationToken",
    "ConnectionKind",
    "ConnectionState",
    "Coverage",
    "CoverageReport",
    "CreatedApiToken",
    "Credentials",
    "Dashboard",
    "DayParts",
    "DayReport",
    "DayState",
    "DetailedDay",
    "EmailChange",
    "EnrolmentStatus",
    "Failing",
    "FieldProblem",
    "Instructor",
    "InstructorPage",
    "JoinRequest",
    "Me",
    "Measure",
    "NewApiToken",
    "NewBatch",
    "NewRecoveryCodes",
    "Part",
    "PasswordChange",
    "PasswordReset",
    "PasswordResetRequest",
    "PendingConfirmation",
    "Problem",
    "ProblemCode",
    "ProfilePatch",
    "ProgressState",
    "Reason",
    "Reauthentication",
    "Refresh",
    "Registration",
    "RegistrationKey",
    "RegistrationKeyPatch",
    "RevocationStatus",
    "Role",
    "RoleChange",
    "SecondFactor",
    "Session",
    "SessionCarrier",
    "SignInChallenge",
    "SignInCompletion",
    "Student",
    "StudentGap",
    "StudentPage",
    "StudentProgress",
    "SyncAccepted",
    "SyncFailure",
    "SyncRequest",
    "Totp",
    "TotpConfirmation",
    "TotpEnrolment",
    "TotpState",
    "TrackedAccount",
    "TrackedAccountPage",
    "User",
    "UserCounts",
    "UserPage",
    "WakaTimeAccount",
    "WakaTimeAuthorization",
    "WakaTimeCallback",
    "WakaTimeConnection",
    "WakaTimeDisconnection",
    "WakaTimeKey",
    "WakaTimeServer",
    "WakaTimeServerPage",
    "Yardstick",
    "YardstickKind",
)
