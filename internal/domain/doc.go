// Package domain is the nouns of a coding class, and what is always true of them.
//
// In reading order:
//
//   - A [User] is a person who can sign in. Their [Role] says what they are to the
//     school. A [Session] is one sign-in of theirs.
//   - A [Batch] is a class with dates and a time zone. Its [RegistrationKey] lets
//     people join it. A [Student] is a user with a current [Enrolment] in a batch.
//   - A [Connection] is a user's link to WakaTime. A [Day] is a calendar day in the
//     batch's zone, and a [DailySummary] is what the ledger knows about one day of one
//     person. Its [DayState] keeps "unknown" apart from zero.
//   - A [Coverage] counts what is known of a range of days. A [BatchProgress] is a
//     class by days, and a [Dashboard] is the school at a glance.
//   - An [Actor] asks for something; the policy decides by [Action] and [Subject]; a
//     [Change] tells the audit log what was done, and becomes an [AuditEntry].
//   - An [Error] is a failure that the caller can act on.
package domain
