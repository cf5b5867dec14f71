// Package ports declares the interfaces between the use cases and everything outside
// them. It is the only contract: implementations add nothing to it but what is special
// about them.
//
// There is one file per slice. Each starts with the driving interfaces, which the use
// cases in internal/domain/<slice> implement and transports and jobs call, followed by
// the driven interfaces, which the use cases call and adapters implement. In reading
// order:
//
//   - accounts.go: [Sessions], [Accounts], [Operator] and [SessionCleaner], on
//     [UserStore], [SessionStore] and [PasswordHasher].
//   - api_tokens.go: [APITokens] and [APITokenCleaner], on [APITokenStore] and
//     [APITokenRevoker].
//   - batches.go: [Batches] and [BatchStaff], on [BatchStore], [InstructorStore] and
//     [RegistrationKeyStore].
//   - students.go: [Students], on [StudentStore] and [EnrolmentStore].
//   - tracking.go: [Connections], [Tracking], [Planner], [Syncer] and
//     [AuthorizationCleaner], on [ConnectionStore], [AuthorizationStore], [PlanStore],
//     [DayStore], [ProgressStore], [SyncJobs] and [WakaTime].
//   - insights.go: [Insights], on [DashboardStore].
//   - auditlog.go: [AuditLog], on [AuditStore].
//   - idempotency.go: [Idempotency], which the HTTP server uses directly.
//   - confirmations.go: [Confirmations] and [ConfirmationSender], on [ConfirmationStore] and
//     [ConfirmationQueue].
//   - mail.go: [MailDelivery], on [MailQueue] and [Mailer].
//   - security.go: [SecurityLog], for operators.
//   - runtime.go: what every slice needs: [UnitOfWork], [Clock], [NewID], [NewToken],
//     [NewKey] and [Sealer].
//
// Every method's comment ends with the domain errors it returns, as "Errors: ErrX, ErrY."
// or "Errors: none." Any other error is an internal error. Two errors are left out:
// ErrUnavailable, which every method that reaches the database can return, and the
// ErrForbidden that an actor who is not a user gets where every user has permission.
//
// The mocks in mock are generated with "go generate ./internal/ports".
package ports
