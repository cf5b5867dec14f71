//go:build wireinject

package wiring

import (
	"github.com/google/wire"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/jobs"
	"github.com/gradus-dev/gradus/internal/adapters/limitmetrics"
	mailadapter "github.com/gradus-dev/gradus/internal/adapters/mail"
	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/adapters/securitylog"
	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/domain/accounts"
	"github.com/gradus-dev/gradus/internal/domain/auditlog"
	"github.com/gradus-dev/gradus/internal/domain/batches"
	"github.com/gradus-dev/gradus/internal/domain/insights"
	"github.com/gradus-dev/gradus/internal/domain/mail"
	"github.com/gradus-dev/gradus/internal/domain/students"
	"github.com/gradus-dev/gradus/internal/domain/tracking"
	"github.com/gradus-dev/gradus/internal/ports"
)

var database = wire.NewSet(newPool, newDirectPool, postgres.NewSchema)

var runtime = wire.NewSet(
	newSettings,
	wire.FieldsOf(new(Runtime), "Now", "NewID", "NewToken", "NewKey", "Tracer"),
	wire.FieldsOf(new(settings), "HTTP", "WakaTime", "Secrets", "Jobs", "Mail", "Passwords", "TOTPRoles", "Sessions"),
)

var stores = wire.NewSet(
	newSessionCache,
	postgres.NewUnitOfWork, wire.Bind(new(ports.UnitOfWork), new(*postgres.UnitOfWork)),
	postgres.NewIdempotencyStore, wire.Bind(new(ports.Idempotency), new(*postgres.IdempotencyStore)),
	postgres.NewUserStore, wire.Bind(new(ports.UserStore), new(*postgres.UserStore)), wire.Bind(new(ports.PasswordStore), new(*postgres.UserStore)), wire.Bind(new(ports.EmailStore), new(*postgres.UserStore)),
	postgres.NewSessionStore, wire.Bind(new(ports.SessionStore), new(*postgres.SessionStore)), wire.Bind(new(ports.ActiveSessionStore), new(*postgres.SessionStore)),
	postgres.NewConfirmationStore, wire.Bind(new(ports.ConfirmationStore), new(*postgres.ConfirmationStore)),
	postgres.NewTOTPStore, wire.Bind(new(ports.TOTPStore), new(*postgres.TOTPStore)),
	postgres.NewSignInChallengeStore, wire.Bind(new(ports.SignInChallengeStore), new(*postgres.SignInChallengeStore)),
	wire.Bind(new(ports.RefreshTokenStore), new(*postgres.SessionStore)),
	postgres.NewAPITokenStore, wire.Bind(new(ports.APITokenStore), new(*postgres.APITokenStore)), wire.Bind(new(ports.APITokenRevoker), new(*postgres.APITokenStore)),
	postgres.NewBatchStore, wire.Bind(new(ports.BatchStore), new(*postgres.BatchStore)),
	postgres.NewInstructorStore, wire.Bind(new(ports.InstructorStore), new(*postgres.InstructorStore)),
	postgres.NewRegistrationKeyStore, wire.Bind(new(ports.RegistrationKeyStore), new(*postgres.RegistrationKeyStore)),
	postgres.NewStudentStore, wire.Bind(new(ports.StudentStore), new(*postgres.StudentStore)),
	postgres.NewEnrolmentStore, wire.Bind(new(ports.EnrolmentStore), new(*postgres.EnrolmentStore)),
	postgres.NewAuditStore, wire.Bind(new(ports.AuditStore), new(*postgres.AuditStore)),
	postgres.NewConnectionStore, wire.Bind(new(ports.ConnectionStore), new(*postgres.ConnectionStore)),
	postgres.NewAccountStore, wire.Bind(new(ports.AccountStore), new(*postgres.AccountStore)),
	postgres.NewAuthorizationStore, wire.Bind(new(ports.AuthorizationStore), new(*postgres.AuthorizationStore)),
	postgres.NewPlanStore, wire.Bind(new(ports.PlanStore), new(*postgres.PlanStore)),
	postgres.NewDayStore, wire.Bind(new(ports.DayStore), new(*postgres.DayStore)),
	postgres.NewProgressStore, wire.Bind(new(ports.ProgressStore), new(*postgres.ProgressStore)),
	postgres.NewDashboardStore, wire.Bind(new(ports.DashboardStore), new(*postgres.DashboardStore)),
)

var adapters = wire.NewSet(
	newRateLimiter, wire.Bind(new(ports.RateLimiter), new(*limitmetrics.Limiter)),
	postgres.NewKeys,
	secrets.NewSealer, wire.Bind(new(ports.Sealer), new(*secrets.Sealer)),
	secrets.NewDeviceTokens, wire.Bind(new(ports.DeviceTokens), new(secrets.DeviceTokens)),
	secrets.NewPasswordHasher, wire.Bind(new(ports.PasswordHasher), new(*secrets.PasswordHasher)),
	securitylog.New, wire.Bind(new(ports.SecurityLog), new(*securitylog.Log)),
	secrets.NewAuthenticator, wire.Bind(new(ports.Authenticator), new(*secrets.Authenticator)),
	wakatime.New, wire.Bind(new(ports.WakaTime), new(*wakatime.Client)),
	newInserter,
	jobs.NewMetrics,
	jobs.NewSyncQueue, wire.Bind(new(ports.SyncJobs), new(*jobs.SyncQueue)),
	jobs.NewMailQueue, wire.Bind(new(ports.MailQueue), new(*jobs.MailQueue)), wire.Bind(new(ports.ConfirmationQueue), new(*jobs.MailQueue)),
	mailadapter.New, wire.Bind(new(ports.Mailer), new(*mailadapter.Sender)),
	wire.Struct(new(jobs.UseCases), "*"),
	jobs.NewWorkers,
	newRunner,
)

var useCases = wire.NewSet(
	accounts.New, wire.Bind(new(ports.Accounts), new(*accounts.Service)),
	wire.Struct(new(accounts.SessionDeps), "*"), accounts.NewSessions,
	wire.Bind(new(ports.Sessions), new(*accounts.Sessions)),
	wire.Bind(new(ports.SessionCleaner), new(*accounts.Sessions)),
	accounts.NewActiveSessions, wire.Bind(new(ports.ActiveSessions), new(*accounts.ActiveSessions)),
	wire.Struct(new(accounts.ConfirmationDeps), "*"), accounts.NewConfirmations,
	wire.Bind(new(ports.Confirmations), new(*accounts.Confirmations)),
	wire.Bind(new(ports.ConfirmationSender), new(*accounts.Confirmations)),
	accounts.NewTwoFactor, wire.Bind(new(ports.TwoFactor), new(*accounts.TwoFactor)),
	wire.Struct(new(accounts.APITokenDeps), "*"), accounts.NewAPITokens,
	wire.Bind(new(ports.APITokens), new(*accounts.APITokens)), wire.Bind(new(ports.APITokenCleaner), new(*accounts.APITokens)),
	accounts.NewOperator, wire.Bind(new(ports.Operator), new(*accounts.Operator)),
	batches.New, wire.Bind(new(ports.Batches), new(*batches.Service)),
	batches.NewStaff, wire.Bind(new(ports.BatchStaff), new(*batches.Staff)),
	students.New, wire.Bind(new(ports.Students), new(*students.Service)),
	tracking.NewConnections,
	wire.Bind(new(ports.Connections), new(*tracking.Connections)),
	wire.Bind(new(ports.ConnectionRemover), new(*tracking.Connections)),
	wire.Bind(new(ports.AuthorizationCleaner), new(*tracking.Connections)),
	tracking.NewStudentConnections, wire.Bind(new(ports.StudentConnections), new(*tracking.StudentConnections)),
	tracking.New, wire.Bind(new(ports.Tracking), new(*tracking.Service)),
	tracking.NewPlanner, wire.Bind(new(ports.Planner), new(*tracking.Planner)),
	tracking.NewSyncer, wire.Bind(new(ports.Syncer), new(*tracking.Syncer)),
	insights.New, wire.Bind(new(ports.Insights), new(*insights.Service)),
	mail.New, wire.Bind(new(ports.MailDelivery), new(*mail.Service)),
	auditlog.New, wire.Bind(new(ports.AuditLog), new(*auditlog.Service)),
)

var server = wire.NewSet(
	wire.Struct(new(httpapi.UseCases), "*"),
	newDraining, newProbes, newMetrics,
	httpapi.New,
)
