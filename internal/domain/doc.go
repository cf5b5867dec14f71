// Package domain holds the entities of a coding school and the rules that always apply to
// them.
//
// In reading order:
//
//   - A [User] is a person who can sign in. Their [Role] determines their permissions. A
//     [Session] is one sign-in.
//   - A [Batch] is a class with dates and a time zone. Users join it with its
//     [RegistrationKey]. A [Student] is a user with a current [Enrolment] in a batch.
//   - A [Connection] links a user to WakaTime. A [Day] is a calendar day in the batch's time
//     zone, and a [DailySummary] is the row of the ledger for one day of one user. Its
//     [DayState] distinguishes unknown from zero.
//   - A [Coverage] counts the known days of a range. A [BatchProgress] is a batch by days,
//     and a [Dashboard] holds the statistics of the school.
//   - An [Actor] is the caller of a use case. The policy decides by [Action] and [Subject]
//     whether they have permission. A [Change] describes what was done, and becomes an
//     [AuditEntry].
//   - An [Error] is a failure that the caller can act on.
package domain
