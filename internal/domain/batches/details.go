package batches

import (
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// batchChanges tells the audit log what differs. Whether the batch is archived is
// told by the action; a description is too long to repeat.
func batchChanges(from, to domain.Batch) map[string]any {
	details := map[string]any{}
	note(details, "name", from.Name, to.Name)
	note(details, "starts_on", from.StartsOn.String(), to.StartsOn.String())
	note(details, "ends_on", from.EndsOn.String(), to.EndsOn.String())
	note(details, "time_zone", from.TimeZone, to.TimeZone)
	note(details, "weekly_goal_seconds", number(from.WeeklyGoal), number(to.WeeklyGoal))
	if from.Description != to.Description {
		details["description"] = "changed"
	}
	return details
}

// keyChanges tells the audit log what differs, but never the key.
func keyChanges(from, to domain.RegistrationKey) map[string]any {
	details := map[string]any{}
	note(details, "enabled", from.Enabled, to.Enabled)
	note(details, "expires_at", instant(from.ExpiresAt), instant(to.ExpiresAt))
	note(details, "seats", number(from.Seats), number(to.Seats))
	return details
}

func note(details map[string]any, field string, from, to any) {
	if from != to {
		details[field] = map[string]any{"from": from, "to": to}
	}
}

func number(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

func instant(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
