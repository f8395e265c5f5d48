// Package verifier judges receivers: it sends what a provider would send, and
// what it would not, and says which promises the receiver honours.
//
// [Run] takes a contract and a URL and returns a [Report]. The suite is one
// table of checks ([Checks] lists it). Each check sends a few deliveries
// through a mock server and judges what the journal then holds; no check sees
// more than that, so the same evidence always gives the same report
// ([Rejudge]).
//
// # Verdicts
//
// A check passes, warns or fails. It is skipped where it does not apply, with
// the reason, and inconclusive where something that it would have to see was
// not observed: what a receiver does with an event cannot be read from a status
// code. An [Oracle] shows it.
//
// A check judges by the contract where the provider states a rule, and by
// practice (Standard Webhooks, OWASP, the rule of a peer) where it does not.
// Where a contract only assumes something, the check says so and judges by
// practice; a limit that nobody sources can at most make it warn.
//
// What we could not do is never charged to the receiver: a run that cannot
// reach it returns an [UnreachableError] and no report.
package verifier
