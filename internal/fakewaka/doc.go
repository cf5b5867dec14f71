// Package fakewaka is a WakaTime server that plays every upstream behaviour:
// OAuth, the API below /api/v1/, a Wakapi-like mount below
// /api/compat/wakatime/v1/, and the faults that a client has to survive.
//
// A Person codes in sessions, which are intervals of absolute time derived from
// the seed, the username and the date. Days are cut from those intervals in the
// zone a request asks for, so two zones differ honestly and add up alike. A
// Scenario makes the server misbehave for one person or for everybody; its zero
// value is an honest server. Everything below /_fake/ steers a running server.
//
// What upstream does but does not document is a guess here, made so that a
// client which relies on the guess is not better off: where upstream was seen to
// do two things, a Scenario field chooses.
package fakewaka
