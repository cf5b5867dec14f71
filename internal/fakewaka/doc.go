// Package fakewaka implements a fake WakaTime server for tests and demonstrations.
// It simulates OAuth, the API below /api/v1/, those of Wakapi below
// /api/compat/wakatime/v1/ and of Hackatime below /api/hackatime/v1/, and the failures
// that a client must handle.
//
// A Person codes in sessions, which are intervals of absolute time derived from the
// seed, the username and the date. Days are cut from those intervals in the
// requested zone, so days differ between zones while their sum stays the same. A
// Scenario injects faults for one person or for everybody; its zero value is a
// server without faults. Coding can be added to past days, as late heartbeats do. The
// API below /_fake/ controls a running server.
//
// Undocumented upstream behavior is a guess here. Where upstream was seen to behave
// in two ways, a Scenario field selects one, so that a client cannot come to rely
// on a guess.
package fakewaka
