package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/hookrig/hookrig/mockserver"
)

// More deliveries in one commit than there are spots, and such that share one: each
// entry says where the one before it stands all the same, also behind a commit that
// failed.
func TestManyDeliveriesInOneCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	var entries []mockserver.Entry
	add := func(kind string, state mockserver.State) {
		for i := range 3000 {
			id := fmt.Sprint(i)
			if i < 10 {
				id += "-of-one-spot"
			}
			entries = append(entries, mockserver.Entry{Kind: kind, Delivery: id, State: state, Attempt: &mockserver.Attempt{Number: len(entries)}})
		}
	}
	add(mockserver.EntryQueued, mockserver.Waiting)
	add(mockserver.EntryAttempt, mockserver.Waiting)
	if err := j.writer.limit(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(t.Context(), entries...); err == nil {
		t.Fatal("there was room")
	}
	if err := j.writer.limit(t.Context(), 1<<20); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := j.Append(t.Context(), entries...); err != nil {
			t.Fatal(err)
		}
	}
	entries = nil
	add(mockserver.EntryEnded, mockserver.Delivered)
	if err := j.Append(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
	look := func() {
		t.Helper()
		for i := range entries {
			if i >= 20 && i%29 > 0 {
				continue
			}
			r, found, err := j.Find(t.Context(), entries[i].Delivery)
			if err != nil || !found || r.Rounds != 2 || len(r.Attempts) != 2 || r.State != mockserver.Delivered {
				t.Fatalf("delivery %q: %v, %v: %d rounds, %d attempts, %s", entries[i].Delivery, found, err, r.Rounds, len(r.Attempts), r.State)
			}
		}
	}
	look()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path)
	look()
}
