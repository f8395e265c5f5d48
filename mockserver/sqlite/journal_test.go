package sqlite

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/hookrig/hookrig/mockserver"
)

var sameEntries = cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0)}

func all(t testing.TB, j mockserver.Journal, after uint64) (list []mockserver.Entry) {
	t.Helper()
	for e, err := range j.Entries(context.Background(), after) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// fillIn puts something into every field, so that one which the format forgets is noticed.
func fillIn(t testing.TB, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Date(2026, 1, 5, 10, 0, 0, *n, time.UTC)
		return
	case *http.Header:
		*x = http.Header{fmt.Sprint("H", *n): {"a", fmt.Sprint(*n), ""}}
		return
	case *[]byte:
		*x = fmt.Append(nil, *n)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillIn(t, v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillIn(t, v.Elem(), n)
	case reflect.String:
		v.SetString(fmt.Sprint("s", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) * -1001)
	case reflect.Uint64:
		v.SetUint(uint64(*n) * 1001)
	case reflect.Float64:
		v.SetFloat(float64(*n) / 3)
	default:
		t.Fatalf("a field of kind %s: teach coder to write it, and this test", v.Kind())
	}
}

func TestEveryFieldComesBack(t *testing.T) {
	var full mockserver.Entry
	n := 0
	fillIn(t, reflect.ValueOf(&full).Elem(), &n)
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	zoned := mockserver.Entry{At: time.Date(1, 1, 1, 0, 0, 0, 0, time.FixedZone("x", 3600)), Body: make([]byte, 100_000)}
	if err := j.Append(t.Context(), full, mockserver.Entry{}, zoned); err != nil {
		t.Fatal(err)
	}
	full.Seq, zoned.Seq = 1, 3
	want := []mockserver.Entry{full, {Seq: 2}, zoned}
	if diff := cmp.Diff(want, all(t, j, 0), sameEntries); diff != "" {
		t.Error(diff)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, all(t, open(t, path), 0), sameEntries); diff != "" {
		t.Error("reopened:", diff)
	}
}

// entry draws what some server might write, sense or no sense.
func entry(t *rapid.T) mockserver.Entry {
	pick := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
	at := time.Unix(1_767_600_000+rapid.Int64Range(0, 20).Draw(t, "at"), 0).UTC()
	e := mockserver.Entry{
		At: at, Delivery: pick("delivery", "d1", "d2", "d3", "d4", "d5", "d6", ""),
		Provider: pick("provider", "shop", "other"), Event: pick("event", "sold", ""), Endpoint: pick("endpoint", "a", "b"),
		Label: pick("label", "", "tc"), Speed: rapid.SampledFrom([]float64{0, 60}).Draw(t, "speed"),
	}
	e.Kind = pick("kind", mockserver.EntryQueued, mockserver.EntryIntent, mockserver.EntryAttempt, mockserver.EntryEnded)
	e.Reason = pick("reason", "", "answered 200")
	switch e.Kind {
	case mockserver.EntryQueued:
		e.State, e.Body = mockserver.Waiting, rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "body")
		if rapid.Bool().Draw(t, "route") {
			e.Route = &mockserver.Route{Name: e.Endpoint, URL: "https://shop.test/", Once: true, Due: at}
		}
	case mockserver.EntryIntent:
		e.State, e.Attempt = mockserver.Attempting, &mockserver.Attempt{Number: 1, Started: at}
	case mockserver.EntryAttempt:
		e.State, e.Attempt = mockserver.Waiting, &mockserver.Attempt{Number: 1, Status: rapid.IntRange(0, 599).Draw(t, "status"), Header: http.Header{"A": {"b"}}, Due: at}
	case mockserver.EntryEnded:
		e.State = mockserver.State(pick("end", "delivered", "exhausted", "cancelled"))
		e.Then = pick("then", "", "keep", "disable")
	}
	return e
}

func query(t *rapid.T, last uint64) mockserver.Query {
	pick := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
	q := mockserver.Query{
		State:    mockserver.State(pick("state", "", "", "waiting", "attempting", "delivered", "nonsense")),
		Live:     rapid.Bool().Draw(t, "live"),
		Provider: pick("of provider", "", "shop", "nobody"), Event: pick("of event", "", "sold"),
		Endpoint: pick("of endpoint", "", "", "a"), Label: pick("of label", "", "", "tc"),
		Before: rapid.Uint64Range(0, last+2).Draw(t, "before"), Limit: rapid.IntRange(0, 3).Draw(t, "limit"),
	}
	if rapid.Bool().Draw(t, "since") {
		q.Since = time.Unix(1_767_600_000+rapid.Int64Range(0, 20).Draw(t, "since"), 0)
		q.Until = q.Since.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "until")) * time.Second)
	}
	return q
}

// The same entries give the same answers as the journal in memory, before and
// after the file was closed.
func TestAgreesWithMemory(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n))
		j, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { j.Close() }()
		m := mockserver.NewMemory()
		last := uint64(0)
		for range rapid.IntRange(1, 3).Draw(t, "batches") {
			entries := rapid.SliceOfN(rapid.Custom(entry), 0, 70).Draw(t, "entries")
			if err := errors.Join(j.Append(context.Background(), entries...), m.Append(context.Background(), entries...)); err != nil {
				t.Fatal(err)
			}
			last += uint64(len(entries))
			compare(t, j, m, last)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if j, err = Open(path, Options{}); err != nil {
			t.Fatal(err)
		}
		compare(t, j, m, last)
	})
}

func compare(t *rapid.T, j *Journal, m *mockserver.Memory, last uint64) {
	ctx := context.Background()
	ledger := mockserver.NewLedger(struct{ mockserver.Journal }{m})
	ours := mockserver.NewLedger(j)
	q := query(t, last)
	want, _ := ledger.List(ctx, q)
	got, err := ours.List(ctx, q)
	if diff := cmp.Diff(want, got, sameEntries); err != nil || diff != "" {
		t.Fatalf("list %+v: %v\n%s", q, err, diff)
	}
	wantCount, _ := ledger.Count(ctx, q)
	gotCount, err := ours.Count(ctx, q)
	if diff := cmp.Diff(wantCount, gotCount, sameEntries); err != nil || diff != "" {
		t.Fatalf("count %+v: %v\n%s", q, err, diff)
	}
	for _, id := range []string{"d1", "", "nobody"} {
		want, known, _ := ledger.Find(ctx, id)
		got, found, err := ours.Find(ctx, id)
		if diff := cmp.Diff(want, got, sameEntries); err != nil || found != known || diff != "" {
			t.Fatalf("find %q: %v, %v\n%s", id, found, err, diff)
		}
	}
	ids := []string{"d3", "nobody", "d1"}
	wantKnown, _ := ledger.Known(ctx, ids...)
	if known, err := ours.Known(ctx, ids...); err != nil || !slices.Equal(known, wantKnown) {
		t.Fatalf("known: %v, %v", known, err)
	}
	if n, err := ours.Last(ctx); err != nil || n != last {
		t.Fatalf("last: %d, %v, want %d", n, err, last)
	}
	after := rapid.Uint64Range(0, last+1).Draw(t, "after")
	var a, b []mockserver.Entry
	for e := range m.Entries(ctx, after) {
		a = append(a, e)
	}
	for e, err := range j.Entries(ctx, after) {
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, e)
	}
	if diff := cmp.Diff(a, b, sameEntries); diff != "" {
		t.Fatalf("entries after %d: %s", after, diff)
	}
}

// Concurrent Appends are each whole, in one piece and in their order; those that
// fail leave no trace; Close lets those that were begun end.
func TestConcurrentAppends(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	var mu sync.Mutex
	confirmed := map[string]bool{}
	var crew sync.WaitGroup
	for i := range 16 {
		crew.Go(func() {
			for n := 0; ; n++ {
				ctx, cancel := context.WithCancel(t.Context())
				if n%7 == 3 {
					go cancel()
				}
				id := fmt.Sprint(i, " ", n)
				err := j.Append(ctx, mockserver.Entry{Delivery: id, Kind: "a"}, mockserver.Entry{Delivery: id, Kind: "b"})
				cancel()
				switch {
				case err == nil:
					mu.Lock()
					confirmed[id] = true
					mu.Unlock()
				case errors.Is(err, ErrClosed):
					return
				case !errors.Is(err, context.Canceled):
					t.Error(err)
				}
			}
		})
	}
	for last := uint64(0); last < 1000; {
		var err error
		if last, err = j.Last(t.Context()); err != nil {
			t.Fatal(err)
		}
		for e, err := range j.Entries(t.Context(), last/2) {
			if err != nil {
				t.Fatal(err)
			}
			if _, found, err := j.Find(t.Context(), e.Delivery); err != nil || !found {
				t.Fatal(e, found, err)
			}
			break
		}
	}
	for range 2 {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
	crew.Wait()

	list := all(t, open(t, path), 0)
	there := map[string]bool{}
	for i, e := range list {
		if e.Seq != uint64(i+1) {
			t.Fatalf("entry %d has number %d", i+1, e.Seq)
		}
		if e.Kind == "b" && (list[i-1].Delivery != e.Delivery || list[i-1].Kind != "a") {
			t.Fatalf("%+v behind %+v", e, list[i-1])
		}
		there[e.Delivery] = true
	}
	for id := range confirmed {
		if !there[id] {
			t.Errorf("%q was confirmed and is gone", id)
		}
	}
	if len(there) != len(confirmed) {
		t.Errorf("%d were confirmed, %d are there", len(confirmed), len(there))
	}
}

func TestClosed(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j"))
	if err := j.Append(t.Context(), mockserver.Entry{Delivery: "d"}); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Append(gone, mockserver.Entry{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if list := all(t, j, 0); len(list) != 1 {
		t.Errorf("%d entries", len(list))
	}
	for _, err := range j.Entries(gone, 0) {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	stop := false // an Entries that is left half-way holds nothing
	for range j.Entries(t.Context(), 0) {
		stop = true
		break
	}
	if err := j.Close(); err != nil || !stop {
		t.Error(err)
	}
	_, errList := j.List(t.Context(), mockserver.Query{})
	_, _, errFind := j.Find(t.Context(), "d")
	_, errKnown := j.Known(t.Context(), "d")
	_, errCount := j.Count(t.Context(), mockserver.Query{})
	_, errLast := j.Last(t.Context())
	var errEntries, errAll error
	for _, errEntries = range j.Entries(t.Context(), 0) {
	}
	for _, errAll = range j.All(t.Context(), "k") {
	}
	for i, err := range []error{
		errList, errFind, errKnown, errCount, errLast, errEntries, errAll,
		j.Append(t.Context(), mockserver.Entry{}), j.Put(t.Context(), "k", "n", nil), j.Delete(t.Context(), "k", "n"),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

func TestShelf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	list := func() (docs []string) {
		for d, err := range j.All(t.Context(), "endpoint") {
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, d.Name+"="+string(d.Doc))
		}
		return docs
	}
	for _, err := range []error{
		j.Put(t.Context(), "endpoint", "b", []byte("1")),
		j.Put(t.Context(), "endpoint", "a", nil),
		j.Put(t.Context(), "endpoint", "b", []byte("2")),
		j.Put(t.Context(), "schedule", "b", []byte("3")),
		j.Put(t.Context(), "endpoint", "c", []byte("4")),
		j.Delete(t.Context(), "endpoint", "c"),
		j.Delete(t.Context(), "endpoint", "nobody"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{"a=", "b=2"}
	if got := list(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path)
	if got := list(); !slices.Equal(got, want) {
		t.Errorf("reopened: %q", got)
	}
}
