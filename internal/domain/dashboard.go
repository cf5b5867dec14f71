package domain

import "time"

// Dashboard is the school at a glance.
type Dashboard struct {
	At                time.Time
	UsersByRole       map[Role]int
	ActiveBatches     int
	StudentsEnrolled  int
	StudentsConnected int // students whose connection works
	Last7, Last30     CodingTotal
	Newest            []Student     // the latest enrolments, with their last week
	Batches           []ActiveBatch // active batches, those that end first at the top
	JobsFailing       int
}

// CodingTotal is coding time of everybody over the last days, today included.
type CodingTotal struct {
	Days    int
	Seconds int64
	Known   int // person-days that are known
	Missed  int // person-days that were asked for in vain
}

// ActiveBatch is an active batch with the week of its median student.
type ActiveBatch struct {
	ID            BatchID
	Name          string
	TimeZone      TimeZone
	EndsOn        Day
	Students      int
	Connected     int
	MedianSeconds *int // of the students with a known day in the last week; nil when there are none
	LastWeek      Coverage
}
