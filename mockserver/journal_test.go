package mockserver

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// A delivery's life as it stands in the journal, byte for byte.
func TestEntries(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(500, 200))
		p := parcel("https://user:pass@shop.test/hooks", nil)
		p.ID, p.Label = "d1", "tc-17"
		wait(t, s.Send(p))
		var got []string
		for _, e := range entries(t, s) {
			line, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(line))
		}
		head := func(seq int, at, kind string) string {
			return fmt.Sprintf(`{"seq":%d,"at":"2000-01-01T00:%s:00Z","kind":%q,"delivery":"d1","provider":"shop","event":"sold","endpoint":"https://shop.test/hooks","label":"tc-17",`, seq, at, kind)
		}
		nothing := `"took":0`
		request := func(timestamp string) string {
			return `"took":0,"request":{"method":"POST","url":"https://shop.test/hooks","header":{"Authorization":["[redacted]"],"Content-Type":["application/json"],"User-Agent":["hookrig/` + version() +
				`"],"X-Hookrig-Test":["1"],"X-Shop-Id":["d1"],"X-Shop-Signature":["[redacted]"],"X-Shop-Timestamp":["` + timestamp + `"]}}`
		}
		want := []string{
			head(1, "00", "queued") + `"body":"eyJ0eXBlIjoic29sZCIsImlkIjoxfQ==","route":{"url":"https://shop.test/hooks","hidden":true},"state":"waiting"}`,
			head(2, "00", "intent") + `"attempt":{"number":1,"started":"2000-01-01T00:00:00Z",` + nothing + `},"state":"attempting"}`,
			head(3, "00", "attempt") + `"attempt":{"number":1,"started":"2000-01-01T00:00:00Z",` + request("946684800") +
				`,"status":500,"header":{"Content-Length":["0"]},"sent":true,"reason":"answered 500, success is 2xx","wait":60000000000,"next":"2000-01-01T00:01:00Z","due":"2000-01-01T00:01:00Z"},"state":"waiting","reason":"answered 500, success is 2xx"}`,
			head(4, "01", "intent") + `"attempt":{"number":2,"started":"2000-01-01T00:01:00Z",` + nothing + `},"state":"attempting"}`,
			head(5, "01", "attempt") + `"attempt":{"number":2,"started":"2000-01-01T00:01:00Z",` + request("946684860") +
				`,"status":200,"header":{"Content-Length":["0"]},"sent":true,"reason":"answered 200, which is a success (2xx)"},"state":"delivered","reason":"answered 200, which is a success (2xx)"}`,
			head(6, "01", "ended") + `"state":"delivered","reason":"answered 200, which is a success (2xx)"}`,
		}
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("entry %d of %d:\n%s\nwant\n%s", i+1, len(got), got[min(i, len(got)-1)], want[min(i, len(want)-1)])
			}
		}
	})
}

func TestMemoryNumbersConcurrentEntries(t *testing.T) {
	m := NewMemory()
	var crew sync.WaitGroup
	for i := range 8 {
		crew.Go(func() {
			for j := range 100 {
				name := fmt.Sprint(i, " ", j)
				m.Append(t.Context(), Entry{Delivery: name, Kind: "a"}, Entry{Delivery: name, Kind: "b"})
			}
		})
	}
	crew.Wait()
	var before Entry
	n := uint64(0)
	for e, err := range m.Entries(t.Context(), 0) {
		if n++; err != nil || e.Seq != n {
			t.Fatalf("entry %d: %+v, %v", n, e, err)
		}
		if e.Kind == "b" && (before.Kind != "a" || before.Delivery != e.Delivery) {
			t.Fatalf("%+v after %+v: what is appended at once stands together", e, before)
		}
		before = e
	}
	if n != 1600 {
		t.Errorf("%d entries", n)
	}
}

func TestMemoryEntries(t *testing.T) {
	m := NewMemory()
	for i := range 5 {
		m.Append(t.Context(), Entry{Delivery: fmt.Sprint(i)})
	}
	list := func(ctx context.Context, after uint64) string {
		var got []string
		for e, err := range m.Entries(ctx, after) {
			if err != nil {
				got = append(got, err.Error())
				continue
			}
			got = append(got, e.Delivery)
			m.Append(ctx, Entry{}) // a reader holds no lock, and sees what stood there when it began
		}
		return strings.Join(got, " ")
	}
	if got := list(t.Context(), 3); got != "3 4" {
		t.Errorf("after 3: %s", got)
	}
	if got := list(t.Context(), 99); got != "" {
		t.Errorf("after 99: %s", got)
	}
	for e := range m.Entries(t.Context(), 0) {
		if e.Seq != 1 {
			t.Error("a reader that left was given more")
		}
		break
	}
	long := NewMemory()
	for range 3 * pageSize {
		long.Append(t.Context(), Entry{})
	}
	for _, after := range []uint64{0, pageSize - 1, pageSize, pageSize + 1, 3*pageSize - 1, 3 * pageSize} {
		next := after
		for e := range long.Entries(t.Context(), after) {
			if next++; e.Seq != next {
				t.Fatalf("after %d: entry %d stands where %d should", after, e.Seq, next)
			}
		}
		if next != 3*pageSize {
			t.Errorf("after %d: the last one is %d", after, next)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if got := list(cancelled, 0); got != context.Canceled.Error() {
		t.Errorf("cancelled: %s", got)
	}
}

func TestFollow(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inBubble(t, answers(200))
		wait(t, s.Send(parcel(virtual, nil)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var got []uint64
		go func() {
			for range 3 {
				time.Sleep(time.Minute)
				wait(t, s.Send(parcel(virtual, nil)))
			}
		}()
		for e, err := range s.Follow(ctx, 2) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Seq)
		}
		if fmt.Sprint(got) != "[3 4 5 6 7 8 9 10 11 12 13 14 15 16]" {
			t.Errorf("%v", got)
		}
		for range s.Follow(t.Context(), 7) {
			break
		}
	})
}
