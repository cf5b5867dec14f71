package domain

import "time"

// Dashboard holds the statistics of the school.
type Dashboard struct {
	At                time.Time
	UsersByRole       map[Role]int
	ActiveBatches     int // up to 1,000
	StudentsEnrolled  int
	StudentsConnected int // students with a working connection
	Last7, Last30     CodingTotal
	Newest            []Student     // the latest enrolments with their last week
	Batches           []ActiveBatch // those of the active batches that end first
	JobsFailing       int           // up to 100
}

// CodingTotal is the coding time of all users over the last days, including today.
type CodingTotal struct {
	Days           int
	Seconds        int64 // of known days
	AISeconds      int64 // the part of Seconds that AI agents coded
	AIUnknown      int   // known days whose server does not tell AI time
	PartialSeconds int64 // seen so far on partial days, which Seconds does not include
	Known          int   // known days, summed over all users
	Partial        int   // partial days, including today, summed over all users
	Missed         int   // days with failed attempts, summed over all users
}

// ActiveBatch is an active batch with the last week of its median student.
type ActiveBatch struct {
	ID            BatchID
	Name          string
	TimeZone      TimeZone
	EndsOn        Day
	Students      int // up to 1,000
	Connected     int // of Students
	Measure       Measure
	MedianSeconds *int      // by Measure, of students with a known day in the last week; nil if there are none
	LastWeek      *Coverage // nil if it was not computed
}
