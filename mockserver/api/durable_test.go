package api

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

// A run goes on with another server over the same file: each event arrives once.
func TestRunOverAFile(t *testing.T) {
	const events = 200
	dir := t.TempDir()
	var mu sync.Mutex
	arrived := map[string]int{}
	shop := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		arrived[r.Header.Get("Acme-Id")]++
		w.WriteHeader(200)
	})
	boot := func(t *testing.T) *rig {
		journal, err := sqlite.Open(filepath.Join(dir, "hookrig.journal"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := journal.Close(); err != nil {
				t.Error(err)
			}
		})
		secrets, err := sqlite.OpenSecrets(filepath.Join(dir, "hookrig.journal.secrets"))
		if err != nil {
			t.Fatal(err)
		}
		if err := secrets.Put("acme", signature.NewSecret("whsec_"+canary)); err != nil {
			t.Fatal(err)
		}
		return newRigWith(t, Config{Contracts: both(), Shelf: journal, Secrets: secrets}, shop,
			func(_ *Options, o *mockserver.Options) { o.Journal = journal })
	}
	t.Run("first", func(t *testing.T) {
		g := boot(t)
		g.do("PUT", "/api/v1/schedules/load", fmt.Sprintf(`{"rate":1000,"count":%d,"provider":"acme","event":"order.created","to":"http://u:%s@shop.test/","secret":"acme"}`, events, canary)).is(200)
		g.do("POST", "/api/v1/schedules/load/start", "").is(202)
		for !g.server.Running() || g.run("load-1").Next < 20 {
		}
		g.stop()
		if err := g.server.Idle(t.Context()); err != nil { // what is interrupted in flight may arrive twice
			t.Fatal(err)
		}
	})
	t.Run("second", func(t *testing.T) {
		g := boot(t)
		for g.run("load-1").State != mockserver.RunDone {
		}
		for i := range events {
			if d := g.detail(fmt.Sprintf("load-1-%d", i)); d.State != mockserver.Delivered {
				t.Errorf("%+v", d)
			}
		}
		if r := g.run("load-1"); r.Emitted+r.Known != events || r.Refused != 0 {
			t.Errorf("%+v", r)
		}
	})
	if len(arrived) != events {
		t.Errorf("%d of %d events arrived", len(arrived), events)
	}
	for id, n := range arrived {
		if n != 1 {
			t.Errorf("%s arrived %d times", id, n)
		}
	}
}
