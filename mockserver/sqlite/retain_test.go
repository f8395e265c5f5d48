package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrig/hookrig/mockserver"
)

// tidy forgets all that is to be forgotten, in the writer's goroutine.
func (j *Journal) tidy(ctx context.Context) error {
	return j.writer.do(ctx, &request{change: func(ctx context.Context, c *sql.Conn) error {
		if _, err := c.ExecContext(ctx, `COMMIT`); err != nil { // a step has transactions of its own
			return err
		}
		for more := true; more; {
			var err error
			if more, err = j.writer.keeper.forget(ctx); err != nil {
				return err
			}
		}
		_, err := c.ExecContext(ctx, `BEGIN`)
		return err
	}})
}

// What has ended long ago goes, with all its entries; what is pending stays, and
// so does every number.
func TestRetainAge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	start := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	now := start
	o := Options{Retain: Retain{Age: time.Hour}, now: func() time.Time { return now }}
	j := open(t, path, o)
	r := rand.New(rand.NewPCG(5, 6))
	var written, want []mockserver.Entry // want is what must be left
	seq := uint64(0)
	for n := range 300 {
		queued, intent, over := life(n, make([]byte, 100))
		at := start
		old := n < 250
		if !old {
			at = start.Add(2 * time.Hour)
		}
		var entries []mockserver.Entry
		live := r.IntN(10) == 0
		switch {
		case !live:
			entries = append([]mockserver.Entry{queued, intent}, over...)
		case n%2 == 0:
			entries = []mockserver.Entry{queued, intent}
		default: // sent again, and live again
			entries = append(append([]mockserver.Entry{queued, intent}, over...), queued)
		}
		for i := range entries {
			entries[i].At = at
			seq++
			if live || !old {
				e := entries[i]
				e.Seq = seq
				want = append(want, e)
			}
		}
		written = append(written, entries...)
	}
	for len(written) > 0 { // a delivery in several commits, and a commit of several deliveries
		some := min(1+r.IntN(90), len(written))
		if err := j.Append(t.Context(), written[:some]...); err != nil {
			t.Fatal(err)
		}
		written = written[some:]
	}
	now = start.Add(2 * time.Hour)
	if err := j.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	same := func() {
		t.Helper()
		if diff := cmp.Diff(want, all(t, j, 0), sameEntries); diff != "" {
			t.Fatal(diff)
		}
		rep, err := j.Check(t.Context())
		if err != nil || !rep.Sound() || rep.Last != seq || rep.Forgotten != seq-uint64(len(want)) {
			t.Fatalf("%+v, %v", rep, err)
		}
		if records, err := j.List(t.Context(), mockserver.Query{}); err != nil || len(records) != rep.Deliveries {
			t.Fatal(len(records), rep.Deliveries, err)
		}
	}
	same()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path, o)
	same()
	now = now.Add(24 * time.Hour) // the rest that ended goes too, the newest chunk with it
	if err := j.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts, err := j.Count(t.Context(), mockserver.Query{})
	if err != nil || counts[mockserver.Delivered] > 0 || counts[mockserver.Waiting]+counts[mockserver.Attempting] == 0 {
		t.Error(counts, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path, o)
	if last, err := j.Last(t.Context()); err != nil || last != seq {
		t.Errorf("numbers begin again at %d: %v", last, err)
	}
	if err := j.Append(t.Context(), mockserver.Entry{Kind: mockserver.EntryQueued, Delivery: "new", State: mockserver.Waiting}); err != nil {
		t.Fatal(err)
	}
	if rec, _, _ := j.Find(t.Context(), "new"); rec.Seq != seq+1 {
		t.Errorf("%+v", rec)
	}
}

// The file stays near its size, while readers read and find nothing damaged.
func TestRetainBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	const limit = 1 << 20
	j := open(t, path, Options{Retain: Retain{Bytes: limit}})
	pending := mockserver.Entry{Kind: mockserver.EntryQueued, Delivery: "pending", State: mockserver.Waiting, Body: []byte("x")}
	if err := j.Append(t.Context(), pending); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, err := j.List(context.Background(), mockserver.Query{}); err != nil {
				done <- fmt.Errorf("while it forgets: %w", err)
				return
			}
		}
		done <- nil
	}()
	body := make([]byte, 10_000)
	for n := range 300 {
		queued, intent, over := life(n, body)
		if err := j.Append(t.Context(), append([]mockserver.Entry{queued, intent}, over...)...); err != nil {
			t.Fatal(err)
		}
		if n%100 == 99 {
			if err := j.tidy(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if r, err := j.Check(t.Context()); err != nil || !r.Sound() || r.Forgotten == 0 || r.States[mockserver.Waiting] != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > limit*3/2 || info.Size() < limit/2 {
		t.Error(info.Size(), err)
	}
	j = open(t, path)
	if r, found, err := j.Find(t.Context(), "pending"); err != nil || !found || string(r.Body) != "x" {
		t.Errorf("%+v, %v, %v", r, found, err)
	}
}
