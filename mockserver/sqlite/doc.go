// Package sqlite is the journal that survives: everything a mock server wrote
// down, in one SQLite file, and the secrets beside it.
//
//	j, err := sqlite.Open("hookrig.journal", sqlite.Options{})
//	…
//	defer j.Close()
//	server := mockserver.New(mockserver.Options{Journal: j})
//
// # What is promised
//
// Append returns when the entries are on the disk (write-ahead log, synced at
// each commit), all of them or none. Concurrent Appends share a commit. A process
// that is killed, and a machine that loses power, lose nothing that was
// confirmed.
//
// One process has the file at a time; a second is told the pid of the first.
// Readers never wait for the writer, nor it for them.
//
// A full disk refuses entries with [mockserver.ErrFull] and takes them again
// when there is room. A file that is damaged, or not ours, is refused and left
// as it is: nothing is ever deleted but by [Retain], which forgets whole
// deliveries that have ended. What a truncated log held behind its cut is the one
// loss that cannot be noticed.
//
// # How
//
// The entries are the truth and stand in chunks, each with a checksum. What one
// asks for about deliveries is answered from an index in memory, made of them
// when the file is opened: 100 bytes a delivery, one second per million entries.
// What an entry means for its delivery is decided by [mockserver.Ledger] alone.
//
// [Check] proves a file: that it is sound, that no entry is missing, and that
// every queued delivery stands in exactly one state.
package sqlite
