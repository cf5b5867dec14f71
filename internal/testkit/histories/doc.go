// Package histories compares what Gradus says of each day with what a perfect observer may
// know, over random histories of a student: syncs, outages, rejected keys, switches of
// accounts, late heartbeats, changes of the time zone and of the plan, and clocks.
//
// The use cases are the real ones. They run on stores in memory, which takes a fraction of a
// millisecond per event, and on the real stores, so that both must agree with the observer.
package histories
