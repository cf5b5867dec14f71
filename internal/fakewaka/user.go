package fakewaka

import (
	"net/http"
	"time"
)

// currentUser returns the owner of the credential.
func currentUser(c *call) response {
	if c.sc.NotReady {
		return notReady()
	}
	acc := c.acc
	data := map[string]any{
		"id": acc.ID, "username": acc.Username, "display_name": acc.DisplayName, "full_name": acc.DisplayName,
		"email": acc.Email, "is_email_public": false, "is_email_confirmed": true, "public_email": nil,
		"photo": "https://wakatime.com/photo/" + acc.ID, "photo_public": true,
		"timezone": acc.TimeZone, "plan": acc.Plan, "has_premium_features": acc.Plan != "free",
		"last_heartbeat_at": nil, "last_plugin": nil, "last_plugin_name": nil, "last_project": nil, "last_branch": nil,
		"website": nil, "city": nil, "logged_time_public": false, "languages_used_public": false,
		"created_at":  acc.schedule.since.at(9, 0, acc.loc).UTC().Format(time.RFC3339),
		"modified_at": acc.schedule.since.at(9, 5, acc.loc).UTC().Format(time.RFC3339),
	}
	if last, ok := acc.lastSession(c.now); ok {
		data["last_heartbeat_at"] = time.Unix(last.end, 0).UTC().Format(time.RFC3339)
		mix := acc.mix(last)
		data["last_project"], data["last_plugin_name"] = mix[projects][0].name, mix[editors][0].name
		data["last_branch"] = "main"
	}
	if c.compat {
		data["id"], data["email"], data["is_email_confirmed"] = acc.Username, "", false
		for _, name := range []string{"plan", "has_premium_features", "public_email", "last_branch", "last_plugin", "city"} {
			delete(data, name)
		}
	}
	return jsonResponse(http.StatusOK, c.sc.reshape(map[string]any{"data": data}))
}

// lastSession returns the most recent session of the last month.
func (a *account) lastSession(now time.Time) (session, bool) {
	found := a.sessions(now.AddDate(0, -1, 0).Unix(), now.Unix(), a.countingRules(), now)
	if len(found) == 0 {
		return session{}, false
	}
	return found[len(found)-1], true
}
