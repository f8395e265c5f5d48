package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// firstIDs of a run are told when it begins.
const firstIDs = 100

// sendRun makes a run of what is too much for one request: its intent is durable
// as a whole, and nothing of it waits in memory.
func (a *api) sendRun(ctx context.Context, s *sending, seed uint64) (sent, error) {
	if s.Delay != "" {
		return sent{}, newProblem(http.StatusUnprocessableEntity, fmt.Sprintf("more than %d deliveries are a run, which begins at once", mostSent)).
			kind("invalid-request").atBody("/delay").hint(`POST /api/v1/runs with "start"`)
	}
	n := uint64(s.Count)
	p := plan{
		Schedule: mockserver.Schedule{Name: "send-" + strings.ToLower(rand.Text()[:12]), Label: s.Label, Seed: seed},
		Provider: s.Provider, Event: s.Event, To: s.To, Endpoint: s.Endpoint, Secret: s.Secret,
		Key: s.Key, Once: s.Once, Set: s.Set, Force: s.Force, Tamper: s.Tamper,
	}
	p.Rate, p.Count = s.Rate, n
	if p.Rate == 0 {
		p.Burst = &mockserver.Burst{Size: n, Every: mockserver.Duration(time.Hour)}
	}
	release, err := a.prepare(ctx, &p)
	if err != nil {
		return sent{}, err
	}
	defer release() // the run holds it too
	e, err := a.startRun(ctx, &execution{name: p.Name, Plan: p})
	if err != nil {
		return sent{}, err
	}
	done := sent{Run: e.name, Seed: &seed}
	for i := range min(n, firstIDs) {
		done.IDs = append(done.IDs, e.run.DeliveryID(i))
	}
	return done, nil
}
