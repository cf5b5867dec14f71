package api_test

import "time"

// These types are the parts of responses that the tests check.

type me struct {
	ID       string   `json:"id"`
	Email    string   `json:"email"`
	Name     string   `json:"name"`
	Role     string   `json:"role"`
	TimeZone string   `json:"time_zone"`
	Teaches  []string `json:"teaches"`
	Batch    *struct {
		ID string `json:"id"`
	} `json:"batch"`
}

type signedIn struct {
	Token     *string   `json:"token"`
	ExpiresAt time.Time `json:"expires_at"`
	User      me        `json:"user"`
}

type registrationKey struct {
	Key        string `json:"key"`
	Enabled    bool   `json:"enabled"`
	SeatsTaken int    `json:"seats_taken"`
}

type coverage struct {
	Expected     int `json:"expected_days"`
	Known        int `json:"known_days"`
	OK           int `json:"ok_days"`
	Empty        int `json:"empty_days"`
	Partial      int `json:"partial_days"`
	Pending      int `json:"pending_days"`
	PlanLimited  int `json:"plan_limited_days"`
	Error        int `json:"error_days"`
	Disconnected int `json:"disconnected_days"`
	Seconds      int `json:"seconds"`

	PartialSeconds int `json:"partial_seconds"`
}

type student struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	BatchID    string   `json:"batch_id"`
	Connection string   `json:"connection"`
	LastWeek   coverage `json:"last_week"`
}

type part struct {
	Name    string `json:"name"`
	Seconds int    `json:"seconds"`
}

type day struct {
	Day       string     `json:"day"`
	State     string     `json:"state"`
	Seconds   *int       `json:"seconds"`
	TimeZone  *string    `json:"time_zone"`
	Source    *string    `json:"source"`
	CheckedAt *time.Time `json:"checked_at"`
	ChangedAt *time.Time `json:"changed_at"`
	Attempts  int        `json:"attempts"`
	Reason    *string    `json:"reason"`
	Languages []part     `json:"languages"`
	Machines  []part     `json:"machines"`
}

type report struct {
	TimeZone string   `json:"time_zone"`
	From     string   `json:"from"`
	To       string   `json:"to"`
	Total    coverage `json:"total"`
	Days     []day    `json:"days"`
}

type connection struct {
	State         string     `json:"state"`
	Kind          *string    `json:"kind"`
	BaseURL       *string    `json:"base_url"`
	Scopes        []string   `json:"scopes"`
	MissingScopes []string   `json:"missing_scopes"`
	LastSyncedAt  *time.Time `json:"last_synced_at"`
	NextSyncAt    *time.Time `json:"next_sync_at"`
	Syncing       bool       `json:"syncing"`
	Summary       string     `json:"summary"`
	Account       *struct {
		Username *string `json:"username"`
	} `json:"account"`
	Failure *struct {
		Reason string    `json:"reason"`
		At     time.Time `json:"at"`
		Since  time.Time `json:"since"`
	} `json:"failure"`
}

type progress struct {
	TimeZone string   `json:"time_zone"`
	Days     []string `json:"days"`
	Total    coverage `json:"total"`
	Items    []struct {
		StudentID string   `json:"student_id"`
		Name      string   `json:"name"`
		Total     coverage `json:"total"`
		States    []string `json:"states"`
		Seconds   []*int   `json:"seconds"`
	} `json:"items"`
	Next *string `json:"next"`
}

type batchCoverage struct {
	Total coverage `json:"total"`
	Gaps  []struct {
		StudentID    string     `json:"student_id"`
		Connection   string     `json:"connection"`
		Total        coverage   `json:"total"`
		Since        string     `json:"since"`
		Reason       *string    `json:"reason"`
		LastSyncedAt *time.Time `json:"last_synced_at"`
	} `json:"items"`
}

type codingTotal struct {
	Seconds int `json:"seconds"`
	Known   int `json:"known_days"`
	Missed  int `json:"missed_days"`
}

type dashboard struct {
	Users             map[string]int `json:"users"`
	ActiveBatches     int            `json:"active_batches"`
	StudentsEnrolled  int            `json:"students_enrolled"`
	StudentsConnected int            `json:"students_connected"`
	Last7             codingTotal    `json:"last_7_days"`
	Last30            codingTotal    `json:"last_30_days"`
	Newest            []student      `json:"newest_students"`
	Batches           []struct {
		ID            string   `json:"id"`
		MedianSeconds *int     `json:"median_seconds"`
		LastWeek      coverage `json:"last_week"`
	} `json:"batches"`
	JobsFailing int `json:"jobs_failing"`
}

type auditEntry struct {
	ID        string  `json:"id"`
	Action    string  `json:"action"`
	Subject   string  `json:"subject"`
	ActorID   *string `json:"actor_id"`
	ActorRole string  `json:"actor_role"`
	Details   object  `json:"details"`
}
