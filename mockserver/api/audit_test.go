package api

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

// TestAudit: a journal in a file proves its sums while the server has it.
func TestAudit(t *testing.T) {
	journal, err := sqlite.Open(filepath.Join(t.TempDir(), "hookrig.journal"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = journal.Close() })
	g := newRigWith(t, Config{Contracts: both(), Shelf: journal}, answers(200),
		func(_ *Options, o *mockserver.Options) { o.Journal = journal })
	g.do("POST", "/api/v1/deliveries", `{"provider":"bravo","event":"ping","to":"http://shop.test/hooks","count":3}`).is(202)
	if err := g.server.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Sound bool
		sqlite.Report
	}
	if err := json.Unmarshal([]byte(g.do("GET", "/api/v1/journal/audit", "").is(200).body), &got); err != nil {
		t.Fatal(err)
	}
	if !got.Sound || got.Deliveries != 3 || got.States[mockserver.Delivered] != 3 || got.Attempts != 3 {
		t.Errorf("%+v", got)
	}
}
