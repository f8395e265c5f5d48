package mockserver

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookrig/hookrig/contracts"
)

// Endpoints that hang do not delay one that answers, even if they were there
// first: ten of them leave a worker free with the default options.
func TestBulkhead(t *testing.T) {
	for _, hung := range []int{1, 5, 10} {
		t.Run(fmt.Sprint(hung), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := inBubble(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Host != "good.test" {
						<-r.Context().Done()
					}
				}))
				for i := range hung {
					for range 100 {
						s.Send(parcel(fmt.Sprintf("http://hung%d.test/", i), nil))
					}
					time.Sleep(time.Millisecond) // one after the other: each takes what it can
				}
				begun := time.Now()
				for range 200 {
					if o := wait(t, s.Send(parcel("http://good.test/", nil))); o.State != Delivered {
						t.Fatalf("%+v", o)
					}
				}
				if took := time.Since(begun); took != 0 {
					t.Errorf("the good endpoint waited %v for the hung ones", took)
				}
				audit(t, s)
			})
		})
	}
}

// concurrency is a handler that takes a second and keeps the largest number of
// requests at once, in all and by host.
type concurrency struct {
	mu       sync.Mutex
	now, top map[string]int
}

func newConcurrency() *concurrency {
	return &concurrency{now: map[string]int{}, top: map[string]int{}}
}

func (c *concurrency) add(key string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now[key] += n
	c.top[key] = max(c.top[key], c.now[key])
}

func (c *concurrency) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	for _, key := range []string{"", r.Host} {
		c.add(key, 1)
		defer c.add(key, -1)
	}
	time.Sleep(time.Second)
}

func TestConcurrencyLimits(t *testing.T) {
	for _, c := range []struct {
		o                      Options
		endpoints              int
		perEndpoint, workers   int // at once, as seen
		longest                time.Duration
		deliveriesEachEndpoint int
	}{
		{Options{}, 1, 8, 8, 3 * time.Second, 24},
		{Options{PerEndpoint: 1}, 3, 1, 3, 5 * time.Second, 5},
		{Options{PerEndpoint: 50}, 1, 50, 50, time.Second, 50},
		{Options{Workers: 1}, 3, 1, 1, 6 * time.Second, 2},
		{Options{Workers: 4}, 1, 2, 2, 5 * time.Second, 10},
		{Options{}, 600, 1, 384, 2 * time.Second, 1}, // of which nothing is known
	} {
		bubble(t, func(t *testing.T) {
			seen := newConcurrency()
			c.o.Transport = InProcess(seen)
			s := Start(t, c.o)
			begun := time.Now()
			for i := range c.endpoints {
				for range c.deliveriesEachEndpoint {
					s.Send(parcel(fmt.Sprintf("http://e%d.test/", i), nil))
				}
			}
			if err := s.Idle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if seen.top[""] > c.workers || seen.top["e0.test"] > c.perEndpoint || time.Since(begun) > c.longest {
				t.Errorf("%+v: at once %v, took %v", c, seen.top, time.Since(begun))
			}
			if seen.top[""] != c.workers {
				t.Errorf("%+v: only %d at once", c, seen.top[""])
			}
		})
	}
}

// What is due at the same moment is attempted at the same moment.
func TestRetriesTogether(t *testing.T) {
	bubble(t, func(t *testing.T) {
		seen := newConcurrency()
		s := inBubble(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen.ServeHTTP(w, r)
			w.WriteHeader(500)
		}))
		single := policy(func(p *contracts.Policy) { p.Waits, p.Repeat = []time.Duration{time.Hour}, 0 })
		begun := time.Now()
		for i := range 20 {
			s.Send(parcel(fmt.Sprintf("http://e%d.test/", i), single))
		}
		if err := s.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took != time.Hour+2*time.Second {
			t.Errorf("20 deliveries of two attempts took %v", took)
		}
	})
}

// An endpoint with much to do and one with little take turns.
func TestTurns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		s := New(Options{Workers: 1, Transport: InProcess(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, r.Host)
		}))})
		for range 3 {
			s.Send(parcel("http://a/", nil))
		}
		s.Send(parcel("http://b/", nil))
		s.Send(parcel("http://b/", nil))
		s.Send(parcel("http://c/", nil))
		s.Run(t.Context(), s.Idle)
		if got := fmt.Sprint(order); got != "[a b c a b a]" {
			t.Errorf("served %s", got)
		}
	})
}

// A policy with ordering "endpoint": the next delivery only when the one before
// has ended, retries included; other endpoints and other policies do not wait.
func TestOrdering(t *testing.T) {
	bubble(t, func(t *testing.T) {
		type seen struct {
			host, body string
			at         time.Duration
		}
		var mu sync.Mutex
		var got []seen
		begun := time.Now()
		fail := map[string]int{`{"type":"ordered","id":2}`: 2, `{"type":"ordered","id":4}`: 1}
		s := inBubble(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := make([]byte, r.ContentLength)
			r.Body.Read(body)
			mu.Lock()
			defer mu.Unlock()
			got = append(got, seen{r.Host, string(body), time.Since(begun)})
			if fail[string(body)]--; fail[string(body)] >= 0 {
				w.WriteHeader(500)
				return
			}
			w.WriteHeader(202)
		}))
		send := func(id int, host string) *Delivery {
			p := parcel("http://"+host+"/", nil)
			p.Event = event("ordered", id)
			once := p.Event.Type.Policy()
			once.Repeat = 0 // two attempts
			p.Policy = &once
			return s.Send(p)
		}
		deliveries := []*Delivery{send(1, "a"), send(2, "a"), send(3, "a"), send(4, "a"), send(5, "a"), send(6, "a"), send(7, "b")}
		time.Sleep(90 * time.Second)    // 4 waits for its second attempt, 5 and 6 behind it
		for _, i := range []int{4, 3} { // the one behind first: it would leave when the other is gone
			if err := s.Cancel(deliveries[i].ID()); err != nil {
				t.Fatal(err)
			}
		}
		s.Idle(t.Context())
		var ids string
		for _, x := range got {
			if x.host == "a" {
				ids += fmt.Sprintf("%s@%v ", x.body[len(x.body)-2:len(x.body)-1], x.at)
			}
		}
		if want := "1@0s 2@0s 2@1m0s 3@1m0s 4@1m0s 6@1m30s "; ids != want {
			t.Errorf("attempts of a: %s\nwant             %s", ids, want)
		}
		if i := slices.IndexFunc(got, func(x seen) bool { return x.host == "b" }); got[i].at != 0 {
			t.Errorf("b waited until %v", got[i].at)
		}
		audit(t, s)
	})
}

// The queue against a plain model of it: nothing is lost, nothing comes twice,
// limits hold, a chain keeps its order.
func TestQueueModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const workers, perEndpoint = 5, 3
		type chainOf struct {
			lane *lane
			chainKey
		}
		q := newQueue(perEndpoint, workers, func() {})
		now := time.Unix(0, 0)
		var all, running []*Delivery // running have a slot
		booked := map[*Delivery]bool{}
		waiting := map[*Delivery]bool{}
		lanes := map[*Delivery]*lane{}

		begun := map[string]time.Time{} // of the last attempt at an endpoint with a rate
		held := map[chainOf]*Delivery{} // chains by the delivery that has not ended
		of := func(d *Delivery) chainOf { return chainOf{lanes[d], d.chain()} }
		end := func(d *Delivery) {
			if held[of(d)] == d {
				delete(held, of(d))
			}
			q.forget(d)
		}
		drain := func() {
			for q.off.len() > 0 {
				running = append(running, q.off.pop())
			}
		}
		check := func() {
			drain()
			byLane := map[*lane]int{}
			for _, d := range running {
				byLane[d.lane]++
			}
			for l, n := range byLane {
				if n > l.most {
					t.Fatalf("%d at once in %v", n, l.key)
				}
			}
			for _, d := range running {
				if !booked[d] {
					t.Fatalf("%q runs and is not booked", d.id)
				}
			}
			for d := range booked {
				l := d.lane
				if l.running < l.most && l.loaded.len() > 0 {
					t.Fatalf("a slot of %v is free, and %d wait for it", l.key, l.loaded.len())
				}
				if l.booked > l.most && (l.gap > 0 || l.booked > 2*l.most) {
					t.Fatalf("%d booked of %v", l.booked, l.key)
				}
			}
			if q.free != workers-len(booked) {
				t.Fatalf("%d free with %d booked", q.free, len(booked))
			}
		}
		put := func(d *Delivery) {
			if d.due.After(now) {
				q.putLater(d)
				return
			}
			q.put(d, now)
		}
		take := func() bool {
			d := q.next(now)
			if d == nil {
				return false
			}
			if !waiting[d] || d.due.After(now) {
				t.Fatalf("took %q, which does not wait or is not due", d.id)
			}
			if d.chain() != (chainKey{}) {
				if first := held[of(d)]; first != nil && first != d {
					t.Fatalf("%q before %q has ended", d.id, first.id)
				}
				held[of(d)] = d
			}
			if rate := d.parcel.Endpoint.Rate; rate > 0 {
				if last, ok := begun[d.lane.key.name]; ok && now.Sub(last) < 2*time.Second {
					t.Fatalf("%q only %v after the one before", d.id, now.Sub(last))
				}
				begun[d.lane.key.name] = now
			}
			delete(waiting, d)
			booked[d] = true
			q.load(d)
			drain()
			return true
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(r *rapid.T) {
				name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "lane")
				d := &Delivery{id: fmt.Sprintf("%06d", len(all)), due: now}
				d.parcel.Endpoint = map[string]*Endpoint{"a": {Name: "a"}, "b": {Name: "b", Concurrency: 2}, "c": {Name: "c", Rate: 0.5}}[name]
				if d.parcel.Key = rapid.SampledFrom([]string{"", "", "x", "y", "endpoint"}).Draw(r, "chain"); d.parcel.Key == "endpoint" {
					d.policy = &contracts.Policy{Ordering: "endpoint"}
				}
				all = append(all, d)
				waiting[d] = true
				q.join(d)
				lanes[d] = d.lane
				put(d)
			},
			"take": func(r *rapid.T) {
				if len(booked) == workers {
					r.Skip("all busy")
				}
				take()
			},
			"put off": func(r *rapid.T) { // its intent was not written down
				d := q.next(now)
				if d == nil {
					r.Skip("none")
				}
				if d.chain() != (chainKey{}) {
					held[of(d)] = d
				}
				if d.parcel.Endpoint.Rate > 0 {
					begun[d.lane.key.name] = now
				}
				q.unbook(d)
				d.due = now.Add(time.Second)
				put(d)
			},
			"end": func(r *rapid.T) {
				if len(running) == 0 {
					r.Skip("none")
				}
				i := rapid.IntRange(0, len(running)-1).Draw(r, "which")
				d := running[i]
				if rapid.Bool().Draw(r, "cancelled while it waited for a slot") {
					q.quit(d)
				} else {
					q.done(d, time.Duration(rapid.IntRange(0, 1).Draw(r, "took"))*time.Minute)
				}
				delete(booked, d)
				end(d)
				running = slices.Delete(running, i, i+1)
			},
			"retry": func(r *rapid.T) {
				if len(running) == 0 {
					r.Skip("none")
				}
				i := rapid.IntRange(0, len(running)-1).Draw(r, "which")
				d := running[i]
				running = slices.Delete(running, i, i+1)
				q.done(d, 0)
				delete(booked, d)
				waiting[d] = true
				d.due = now.Add(time.Duration(rapid.IntRange(0, 3).Draw(r, "wait")) * time.Second)
				put(d)
			},
			"cancel": func(r *rapid.T) {
				if len(all) == 0 {
					r.Skip("none")
				}
				d := rapid.SampledFrom(all).Draw(r, "which")
				if q.remove(d) != waiting[d] {
					t.Fatalf("remove of %q, waiting %v", d.id, waiting[d])
				}
				if waiting[d] {
					delete(waiting, d)
					if rapid.Bool().Draw(r, "back again") { // the journal did not take the end
						waiting[d] = true
						put(d)
					} else {
						end(d)
					}
				}
			},
			"time": func(r *rapid.T) {
				now = now.Add(time.Second)
				_, wait, more := q.release(now)
				earliest := time.Duration(0)
				sooner := func(in time.Duration) {
					if earliest == 0 || in < earliest {
						earliest = in
					}
				}
				for d := range waiting {
					if d.place == placeHeap {
						if d.due.Sub(now) <= 0 {
							t.Fatalf("%s is due since %v and was not released", d.id, now.Sub(d.due))
						}
						sooner(d.due.Sub(now))
					}
				}
				for _, l := range q.lanes {
					if l.resting {
						sooner(l.slot.Sub(now))
					}
				}
				if wait != earliest || more != (earliest > 0) {
					t.Fatalf("the next one is due in %v, release says %v, %v", earliest, wait, more)
				}
			},
			"": func(*rapid.T) { check() },
		})
		// In the end everything comes out.
		for {
			now = now.Add(time.Hour)
			q.release(now)
			for len(booked) < workers && take() {
				check()
			}
			if len(running) == 0 {
				break
			}
			q.done(running[0], 0)
			delete(booked, running[0])
			end(running[0])
			running = running[1:]
			drain()
		}
		now = now.Add(time.Hour)
		q.release(now)
		if len(waiting) > 0 || len(q.lanes) > 0 || q.turn.len() > 0 || len(q.later) > 0 || len(q.paused) > 0 {
			t.Fatalf("left over: %d waiting, %d lanes, %d in turn, %d later, %d paused", len(waiting), len(q.lanes), q.turn.len(), len(q.later), len(q.paused))
		}
	})
}

func TestFifo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f fifo[int]
		var model []int
		t.Repeat(map[string]func(*rapid.T){
			"push": func(r *rapid.T) { n := rapid.Int().Draw(r, "n"); f.push(n); model = append(model, n) },
			"pop": func(r *rapid.T) {
				if len(model) == 0 {
					r.Skip("empty")
				}
				if got := f.pop(); got != model[0] {
					t.Fatalf("popped %d, want %d", got, model[0])
				}
				model = model[1:]
			},
			"": func(*rapid.T) {
				if f.len() != len(model) || f.len() > 0 && f.front() != model[0] {
					t.Fatalf("%d items, want %v", f.len(), model)
				}
			},
		})
	})
}
