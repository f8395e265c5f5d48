package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrig/hookrig/mockserver"
)

// A report of a sound journal, closed and open.
func TestCheckSound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	for n, over := range []bool{true, false, true} {
		queued, intent, ended := life(n, nil)
		entries := []mockserver.Entry{queued, intent}
		if over {
			entries = append(entries, ended...)
		}
		if err := j.Append(t.Context(), entries...); err != nil {
			t.Fatal(err)
		}
	}
	want := Report{
		Path: j.Path(), Last: 10, Entries: 10, Deliveries: 3, Attempts: 2,
		States: map[mockserver.State]int{mockserver.Delivered: 2, mockserver.Attempting: 1},
	}
	if r, err := j.Check(t.Context()); err != nil || !cmp.Equal(r, want) || !r.Sound() {
		t.Errorf("%+v, %v", r, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	if r, err := Check(t.Context(), path); err != nil || !cmp.Equal(r, want) {
		t.Errorf("closed: %+v, %v", r, err)
	}
	if after, _ := os.ReadFile(path); !slices.Equal(before, after) {
		t.Error("it was changed by being looked at")
	}
	var foreign *ForeignError
	if _, err := Check(t.Context(), path+"x"); !errors.As(err, &foreign) {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := Check(gone, path); !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", r, err)
	}
}

// Everything that can be wrong with entries is said, of a journal that is sound
// as a file.
func TestCheckEntries(t *testing.T) {
	e := func(kind string, s mockserver.State) mockserver.Entry {
		return mockserver.Entry{Kind: kind, State: s, Delivery: "d"}
	}
	queued, intent := e(mockserver.EntryQueued, mockserver.Waiting), e(mockserver.EntryIntent, mockserver.Attempting)
	attempt, again := e(mockserver.EntryAttempt, mockserver.Delivered), e(mockserver.EntryAttempt, mockserver.Waiting)
	ended, cancelled := e(mockserver.EntryEnded, mockserver.Delivered), e(mockserver.EntryEnded, mockserver.Cancelled)
	type list = []mockserver.Entry
	for _, c := range []struct {
		name    string
		entries list
		want    string // "": sound
	}{
		{"delivered", list{queued, intent, attempt, ended}, ""},
		{"retried", list{queued, intent, again, intent, attempt, ended}, ""},
		{"interrupted", list{queued, intent, intent, attempt, ended}, ""},
		{"cancelled", list{queued, cancelled}, ""},
		{"resent", list{queued, intent, attempt, ended, queued, intent}, ""},
		{"nobody's", list{intent}, `entry 1 (intent) belongs to delivery "d", which was not queued before`},
		{"too late", list{queued, cancelled, intent}, `entry 3 (intent) belongs to delivery "d", which had ended`},
		{"no intent", list{queued, attempt, ended}, `entry 2 is an attempt of delivery "d" without an intent before it`},
		{"half an end", list{queued, intent, attempt}, `delivery "d" is "delivered", and its last entry does not agree`},
		{"no end", list{queued, e(mockserver.EntryEnded, mockserver.Waiting)}, `delivery "d" is "waiting", and its last entry does not agree`},
		{"strange state", list{e(mockserver.EntryQueued, "lost")}, `1 deliveries are in a state that there is not: "lost"`},
		{"strange kind", list{queued, e("party", mockserver.Waiting)}, `entry 2 is of a kind that there is not: "party"`},
	} {
		j := open(t, filepath.Join(t.TempDir(), "j"))
		if err := j.Append(t.Context(), c.entries...); err != nil {
			t.Fatal(err)
		}
		r, err := j.Check(t.Context())
		if err != nil || r.Sound() != (c.want == "") || c.want != "" && !slices.Contains(r.Findings, c.want) {
			t.Errorf("%s: %+v, %v", c.name, r, err)
		}
	}
}

// What is wrong with the tables is said too, and keeps the file from being opened.
func TestCheckTables(t *testing.T) {
	for _, c := range []struct{ change, want, opens string }{
		{`DELETE FROM chunk WHERE first = 5`, "4 entries are missing and 0 were forgotten; missing entries: 5–8", "4 entries are missing"},
		{`DELETE FROM chunk WHERE first = 17`, "4 entries are missing and 0 were forgotten; missing entries: 17–20", "4 entries are missing"},
		{`DELETE FROM chunk`, "20 entries are missing and 0 were forgotten; missing entries: 1–20", "20 entries are missing"},
		{`UPDATE chunk SET first = 6 WHERE first = 5`, "the entries from 6 on cannot be read (its checksum is wrong)", "from 6 on"},
		{`UPDATE chunk SET data = x'02' WHERE first = 5`, "the entries from 5 on cannot be read (its checksum is wrong)", "from 5 on"},
		{`UPDATE chunk SET data = zeroblob(0) WHERE first = 5`, "the entries from 5 on cannot be read (its checksum is wrong)", "from 5 on"},
		{`UPDATE tally SET last = 19`, "it says that its last entry is 19, and there is 20", "last entry is 19"},
		{`UPDATE tally SET forgotten = 1`, "0 entries are missing and 1 were forgotten", "1 were forgotten"},
		{`DELETE FROM tally`, "its tally is gone", "tally is gone"},
		{`UPDATE document SET doc = x'01'`, `the endpoint "a" on the shelf cannot be read: its checksum is wrong`, `the endpoint "a" on its shelf cannot be read`},
		{`DROP TABLE document`, `its table "document" is missing`, "document"},
		{`CREATE TABLE document2 (a)`, `it holds "document2", which no journal does`, "document2"},
		{`CREATE TRIGGER t AFTER INSERT ON chunk BEGIN DELETE FROM tally; END`, `it holds "t", which no journal does`, `"t"`},
	} {
		path := filepath.Join(t.TempDir(), "j")
		j := open(t, path)
		for n := range 5 {
			queued, intent, over := life(n, nil)
			if err := j.Append(t.Context(), append([]mockserver.Entry{queued, intent}, over...)...); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(j.Put(t.Context(), "endpoint", "a", []byte("{}")), j.Close()); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(c.change); err != nil {
			t.Fatal(c.change, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := Check(t.Context(), path)
		if err != nil || r.Sound() || !slices.ContainsFunc(r.Findings, func(f string) bool { return strings.HasSuffix(f, c.want) }) {
			t.Errorf("%s: %+v, %v", c.change, r, err)
		}
		again, err := Open(path, Options{})
		var damaged *DamagedError
		switch {
		case err == nil:
			t.Errorf("%s: opened", c.change)
			again.Close()
		case !errors.As(err, &damaged) || !strings.Contains(err.Error(), c.opens):
			t.Errorf("%s: %v", c.change, err)
		}
	}
}

// Whatever a chunk holds, it is read or refused; and what can be read can be
// written again.
func FuzzUnpack(f *testing.F) {
	p := newPacker()
	for n := range 3 {
		queued, intent, over := life(n, []byte("body"))
		for i, e := range append([]mockserver.Entry{queued, intent}, over...) {
			e.Seq = uint64(4*n + i + 1)
			p.add(&e, e.Seq, uint64(i))
		}
		_, data := p.pack()
		f.Add(data[:len(data)-4])
	}
	f.Add([]byte{chunkVersion, 0xff, 0xff, 0xff, 0xff, 0x0f, 0})
	f.Add([]byte{chunkVersion, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		sum := checksum(1, data)
		data = append(slices.Clone(data), byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24))
		k, err := unpack(1, data)
		if err != nil {
			return
		}
		p := newPacker()
		var want []mockserver.Entry
		for _, packed := range k.entries {
			e, behind, err := k.entry(packed)
			if err != nil {
				return
			}
			p.add(&e, e.Seq, behind)
			want = append(want, e)
		}
		if len(want) == 0 {
			return
		}
		k, err = unpack(p.pack())
		if err != nil {
			t.Fatal(err)
		}
		for i, packed := range k.entries {
			e, _, err := k.entry(packed)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := fmt.Sprintf("%+v", e), fmt.Sprintf("%+v", want[i]); e.Attempt == nil && e.Route == nil && a != b {
				t.Fatalf("%s\n%s", a, b)
			}
		}
	})
}
