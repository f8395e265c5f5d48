package api

import (
	"context"
	"net/http"
	"sync"

	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/mockserver/sqlite"
)

// auditor is a journal that can prove itself while it goes on.
type auditor interface {
	Check(ctx context.Context) (sqlite.Report, error)
}

// audits lets one audit read the journal at a time.
type audits struct{ mu sync.Mutex }

// auditJournal proves the sums of the server's journal.
func (a *api) auditJournal(w http.ResponseWriter, r *http.Request) error {
	j := a.journal
	for {
		wrapper, wraps := j.(interface{ Unwrap() mockserver.Journal })
		if _, can := j.(auditor); can || !wraps {
			break
		}
		j = wrapper.Unwrap()
	}
	proves, ok := j.(auditor)
	if !ok {
		return newProblem(http.StatusConflict, "the journal is in no file: there is nothing to prove").kind("not-in-a-file")
	}
	if !a.audits.mu.TryLock() {
		return newProblem(http.StatusServiceUnavailable, "another audit is going on").kind("busy").hint("ask again")
	}
	defer a.audits.mu.Unlock()
	report, err := proves.Check(r.Context())
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, struct {
		Sound bool `json:"sound"`
		sqlite.Report
	}{report.Sound(), report})
}
