package batches

import (
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// batchChanges returns the changed fields for the audit entry. The action already says
// whether the batch was archived, and descriptions are too long to copy.
func batchChanges(from, to domain.Batch) map[string]any {
	details := map[string]any{}
	addChange(details, "name", from.Name, to.Name)
	addChange(details, "starts_on", from.StartsOn.String(), to.StartsOn.String())
	addChange(details, "ends_on", from.EndsOn.String(), to.EndsOn.String())
	addChange(details, "time_zone", from.TimeZone, to.TimeZone)
	addChange(details, "ai_time", from.AITime, to.AITime)
	addChange(details, "weekly_goal_seconds", intOrNil(from.WeeklyGoal), intOrNil(to.WeeklyGoal))
	if from.Description != to.Description {
		details["description"] = "changed"
	}
	return details
}

// keyChanges returns the changed fields for the audit entry, but never the key itself.
func keyChanges(from, to domain.RegistrationKey) map[string]any {
	details := map[string]any{}
	addChange(details, "enabled", from.Enabled, to.Enabled)
	addChange(details, "expires_at", timeOrNil(from.ExpiresAt), timeOrNil(to.ExpiresAt))
	addChange(details, "seats", intOrNil(from.Seats), intOrNil(to.Seats))
	return details
}

func addChange(details map[string]any, field string, from, to any) {
	if from != to {
		details[field] = map[string]any{"from": from, "to": to}
	}
}

func intOrNil(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

func timeOrNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
