// Package riverdb names where the jobs of Gradus are: in a schema and a queue of their own,
// because another program with River can use the same database.
package riverdb

const (
	// Schema holds River's tables.
	Schema = "gradus_river"
	// Queue is the queue of all jobs but mails.
	Queue = "gradus"
	// MailQueue is the queue of mails.
	MailQueue = "gradus_mail"
)
