package mockserver

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var secret = signature.NewSecret("s3cr3t-canary")

// shop is the contract in testdata.
var shop = sync.OnceValue(func() *contracts.Contract {
	c, err := contracts.Load(os.DirFS("testdata"), "shop.yaml")
	if err != nil {
		panic(err)
	}
	return c
})

func event(name string, id int) contracts.Event {
	t, err := shop().EventType(name)
	if err != nil {
		panic(err)
	}
	return contracts.Event{Type: t, Body: fmt.Appendf(nil, `{"type":%q,"id":%d}`, name, id)}
}

// parcel is a sold event for the endpoint, under the policy (nil: the contract's).
func parcel(url string, p *contracts.Policy) Parcel {
	return Parcel{
		Event:    event("sold", 1),
		Endpoint: Endpoint{URL: url, Secrets: []signature.Secret{secret}},
		Policy:   p,
	}
}

func policy(change func(*contracts.Policy)) *contracts.Policy {
	p := event("sold", 1).Type.Policy()
	change(&p)
	return &p
}

// bubble runs f under virtual time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

func wait(t *testing.T, d *Delivery) Outcome {
	t.Helper()
	o, err := d.Wait(t.Context())
	if err != nil {
		t.Fatalf("Wait: %v (%+v)", err, o)
	}
	return o
}

// answers is a receiver that gives the statuses in turn, the last one for good.
func answers(statuses ...int) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.WriteHeader(statuses[0])
		if len(statuses) > 1 {
			statuses = statuses[1:]
		}
	})
}

func entries(t *testing.T, s *Server) []Entry {
	t.Helper()
	var all []Entry
	for e, err := range s.Journal().Entries(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// audit checks what must hold at any moment: the sums, and that the journal's
// entries of each delivery make a life.
func audit(t *testing.T, s *Server) {
	t.Helper()
	st := s.Stats()
	if sum := st.Refused + st.Arriving + st.Waiting + st.Attempting + st.Delivered + st.Exhausted + st.Cancelled; sum != st.Sent {
		t.Errorf("%d sent, but the states sum up to %d: %+v", st.Sent, sum, st)
	}
	ended := map[State]int{}
	kind := map[string]string{}
	follows := map[string][]string{
		EntryQueued:  {"", EntryEnded},
		EntryIntent:  {EntryQueued, EntryAttempt, EntryIntent},
		EntryAttempt: {EntryIntent},
		EntryEnded:   {EntryQueued, EntryAttempt, EntryIntent},
	}
	var seq uint64
	for _, e := range entries(t, s) {
		if seq++; e.Seq != seq {
			t.Fatalf("entry %d has the number %d", seq, e.Seq)
		}
		if !slices.Contains(follows[e.Kind], kind[e.Delivery]) {
			t.Errorf("delivery %s: %q follows %q", e.Delivery, e.Kind, kind[e.Delivery])
		}
		kind[e.Delivery] = e.Kind
		if e.Kind == EntryEnded {
			ended[e.State]++
		}
	}
	if ended[Delivered] != st.Delivered || ended[Exhausted] != st.Exhausted || ended[Cancelled] != st.Cancelled {
		t.Errorf("the journal says %v, Stats %+v", ended, st)
	}
}

const virtual = "http://shop.test/hooks"

func inBubble(t *testing.T, h http.Handler) *Server {
	t.Helper()
	return Start(t, Options{Transport: InProcess(h), Seed: 1})
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
