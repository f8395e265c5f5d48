package mockserver

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A rate is kept to the millisecond, in a flood and by one who sends one after
// the other, and is nobody else's.
func TestRate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		at := map[string][]time.Duration{}
		begun := time.Now()
		s := inBubble(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			at[r.Host] = append(at[r.Host], time.Since(begun))
		}))
		limited := parcel("http://limited.test/", nil)
		limited.Endpoint.Rate = 4
		for range 10 {
			s.Send(limited)
			s.Send(parcel("http://free.test/", nil))
		}
		s.Idle(t.Context())
		for range 3 {
			wait(t, s.Send(limited))
		}
		time.Sleep(time.Minute)
		wait(t, s.Send(limited))
		wait(t, s.Send(limited))
		var want []time.Duration
		for i := range 13 {
			want = append(want, time.Duration(i)*time.Second/4)
		}
		want = append(want, 63*time.Second, 63*time.Second+time.Second/4)
		if !slices.Equal(at["limited.test"], want) {
			t.Errorf("attempts at\n%v, want\n%v", at["limited.test"], want)
		}
		if last := at["free.test"]; len(last) != 10 || last[9] != 0 {
			t.Errorf("the other endpoint was limited: %v", last)
		}
		time.Sleep(time.Hour)
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.queue.lanes)+len(s.queue.paused) > 0 {
			t.Errorf("left over: %d lanes, %d paused", len(s.queue.lanes), len(s.queue.paused))
		}
	})
}

func TestConcurrencyOfAnEndpoint(t *testing.T) {
	bubble(t, func(t *testing.T) {
		seen := newConcurrency()
		s := inBubble(t, seen)
		for i := range 100 {
			p := parcel(fmt.Sprintf("http://e%d.test/", i%2), nil)
			p.Endpoint.Concurrency = []int{2, 40}[i%2]
			s.Send(p)
		}
		s.Idle(t.Context())
		if seen.top["e0.test"] != 2 || seen.top["e1.test"] != 40 {
			t.Errorf("%v", seen.top)
		}
	})
}

// Deliveries of one key go one after the other, retries included; other keys,
// other endpoints and what has no key do not wait for them.
func TestKeys(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		got := map[string][]string{}
		failed := map[string]bool{}
		s := inBubble(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			id := strings.Trim(string(body)[len(`{"type":"sold","id":`):], "}")
			if key := r.Host + id; id == "1" && !failed[key] { // the first of key a, and of none
				failed[key] = true
				w.WriteHeader(500)
				return
			}
			got[r.Host] = append(got[r.Host], id)
		}))
		for _, host := range []string{"x", "y"} {
			for i, key := range []string{"a", "b", "a", "b", "", ""} {
				p := parcel("http://"+host+"/", nil)
				p.Event, p.Key = event("sold", i+1), key
				s.Send(p)
			}
		}
		s.Idle(t.Context())
		for _, host := range []string{"x", "y"} {
			order := func(id string) int { return slices.Index(got[host], id) }
			if order("1") > order("3") || order("2") > order("4") || order("3") < 4 || order("4") > 3 || len(got[host]) != 6 {
				t.Errorf("%s: %v", host, got[host])
			}
		}
		audit(t, s)
	})
}

// What others do costs an endpoint nothing that is known to answer: with any
// number of endpoints that hang, more than there are workers even, the time from
// Send to the answer stays what it was.
func TestBulkheadLatency(t *testing.T) {
	for _, c := range []struct {
		hung  int
		since time.Duration
	}{{0, 0}, {1, 0}, {50, 0}, {1000, 0}, {1000, 2 * time.Minute}} {
		t.Run(fmt.Sprint(c.hung, " since ", c.since), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := inBubble(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					if strings.HasPrefix(r.Host, "hung") {
						<-r.Context().Done()
						return
					}
					time.Sleep(10 * time.Millisecond)
				}))
				for i := range 20 {
					wait(t, s.Send(parcel(fmt.Sprintf("http://good%d.test/", i), nil)))
				}
				for i := range c.hung {
					for range 20 {
						s.Send(parcel(fmt.Sprintf("http://hung%d.test/", i), nil))
					}
				}
				time.Sleep(c.since)
				var handles []*Delivery
				var sent []time.Time
				for i := range 2000 {
					handles = append(handles, s.Send(parcel(fmt.Sprintf("http://good%d.test/", i%20), nil)))
					sent = append(sent, time.Now())
					time.Sleep(6 * time.Millisecond)
				}
				var took []time.Duration
				for i, d := range handles {
					a := wait(t, d).Attempts[0]
					took = append(took, a.Started.Add(a.Took).Sub(sent[i]))
				}
				slices.Sort(took)
				if p99 := took[len(took)*99/100]; p99 > 12*time.Millisecond { // 1.2 times what the receiver takes
					t.Errorf("half of them took %v, 99%% at most %v, all %v", took[len(took)/2], p99, took[len(took)-1])
				}
			})
		})
	}
}
