// Package contracts says what a provider promises: which events it sends, what
// their bodies look like, how they are delivered, signed and retried, and
// where each of these statements comes from.
//
// [Load] reads one AsyncAPI 3 document with the extension key x-hookrig (see
// docs/contract-format.md) into an immutable [Contract]. A Contract has
// [EventType] values; an [Event] is one of them with the exact bytes of a
// body. [Contract.Seal] turns an event into the HTTP request that the provider
// would send and [Contract.Open] turns a request back into events:
// Open(Seal(ev)) gives back ev. [Policy.Next] decides what a provider does
// after an answer, as a pure function.
//
// What a provider does not say is not made up: each statement has a
// [Provenance], and where nobody says anything the level is [Assumed].
//
// Nothing in this package reads a clock, dials, or touches a file outside the
// fs.FS that it is given. Everything that Load returns may be shared by any
// number of goroutines. Only the schemas are compiled late, each when it is
// first asked for, so that a program that needs one event of a large contract
// pays for one.
package contracts
