package domain

// AITime says whether the time that AI agents coded counts in a batch.
type AITime string

// The rules.
const (
	AIExcluded AITime = "exclude"
	AIIncluded AITime = "include"
)

// The measure that is requested of every server, so that the students of a batch are
// comparable.
const (
	// KeystrokeTimeout is the longest pause in minutes that still counts as coding.
	KeystrokeTimeout = 15
	// WritesOnly counts only time in which files were saved.
	WritesOnly = false
)

// Measure says how the time of a batch is measured.
type Measure struct {
	AITime AITime
}

// Yardstick is how a server measured the time of an account.
type Yardstick struct {
	Kind YardstickKind
	// Timeout is the keystroke timeout in minutes that the server used; 0 if unknown.
	Timeout int
}

// YardstickKind says whether an account is measured as requested.
type YardstickKind string

// The kinds.
const (
	YardstickStandard YardstickKind = "standard" // as requested: comparable
	YardstickOther    YardstickKind = "other"    // by the account's own settings: not comparable
	YardstickUnknown  YardstickKind = "unknown"  // the server does not tell
)
