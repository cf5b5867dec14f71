package domain

import "time"

// Dashboard holds the statistics of the school.
type Dashboard struct {
	At                time.Time
	UsersByRole       map[Role]int
	ActiveBatches     int
	StudentsEnrolled  int
	StudentsConnected int // students with a working connection
	Last7, Last30     CodingTotal
	Newest            []Student     // the latest enrolments with their last week
	Batches           []ActiveBatch // active batches, the earliest end first
	JobsFailing       int
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
	Students      int
	Connected     int
	Measure       Measure
	MedianSeconds *int // by Measure, of students with a known day in the last week; nil if there are none
	LastWeek      Coverage
}
