package kill

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// get reads what the control API has.
func (p *process) get(path string, into any) error {
	res, err := http.Get(p.url + path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", path, res.Status, text)
	}
	return json.Unmarshal(text, into)
}

// wish is what a client asks for.
type wish struct {
	Provider string `json:"provider"`
	Event    string `json:"event"`
	To       string `json:"to,omitempty"`
	Endpoint string `json:"endpoint,omitempty"`
	Secret   string `json:"secret,omitempty"`
	Count    int    `json:"count"`
	Seed     uint64 `json:"seed"`
	Delay    string `json:"delay,omitempty"`
}

func sold(to string, count int, seed uint64) wish {
	return wish{Provider: "shop", Event: "sold", To: to, Secret: "SHOP_SECRET", Count: count, Seed: seed}
}

// refusal is an answer that is not 202.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d: %s", r.status, r.text) }

// post asks for deliveries and returns the ids that are confirmed, which there may
// be beside an error: a *refusal says what was taken all the same.
func (p *process) post(w wish) (ids []string, err error) {
	body, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	res, err := http.Post(p.url+"/api/v1/deliveries", "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	var sent struct{ IDs []string }
	switch err := json.Unmarshal(text, &sent); {
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %s", res.Status, err, text)
	case res.StatusCode != http.StatusAccepted:
		return sent.IDs, &refusal{res.StatusCode, string(text)}
	case len(sent.IDs) != w.Count:
		return nil, fmt.Errorf("%d ids for %d deliveries", len(sent.IDs), w.Count)
	}
	return sent.IDs, nil
}

// burst is a client that wants a number of deliveries queued and remembers those
// that were confirmed.
type burst struct {
	targets []string
	batch   int // deliveries a request
	clients int
	heard   hook // is told how many are confirmed

	left atomic.Int64 // requests to make

	mu        sync.Mutex
	confirmed map[string]bool
}

func newBurst(events, batch int, targets ...string) *burst {
	b := &burst{targets: targets, batch: batch, clients: 4, confirmed: map[string]bool{}}
	b.left.Store(int64(events / batch))
	return b
}

// send goes on where it was until all is sent or a request fails. It returns the
// first failure.
func (b *burst) send(p *process) error {
	var failed atomic.Pointer[error]
	var crew sync.WaitGroup
	for range b.clients {
		crew.Go(func() {
			for failed.Load() == nil {
				n := b.left.Add(-1)
				if n < 0 {
					b.left.Add(1)
					return
				}
				ids, err := p.post(sold(b.targets[int(n)%len(b.targets)], b.batch, uint64(n)))
				if err != nil {
					b.left.Add(1) // to be sent later: nobody has confirmed it
					failed.CompareAndSwap(nil, &err)
					return
				}
				b.note(ids)
			}
		})
	}
	crew.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// count is how many are confirmed.
func (b *burst) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.confirmed)
}

func (b *burst) note(ids []string) {
	b.mu.Lock()
	for _, id := range ids {
		b.confirmed[id] = true
	}
	n := len(b.confirmed)
	b.mu.Unlock()
	b.heard.call(n)
}
