package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

func (a *api) isHealthy(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, http.StatusOK, map[string]string{"status": "ok"})
}

// isReady says whether a delivery that is sent now would be taken.
func (a *api) isReady(w http.ResponseWriter, r *http.Request) error {
	if !a.server.Running() {
		return stopping()
	}
	if _, err := a.ledger.Last(r.Context()); err != nil {
		a.log.Error("the journal cannot be read", "error", err)
		return newProblem(http.StatusServiceUnavailable, "the journal cannot be read")
	}
	return reply(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (a *api) getStatus(w http.ResponseWriter, r *http.Request) error {
	last, err := a.ledger.Last(r.Context())
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, struct {
		Version    string           `json:"version"`
		LastEntry  uint64           `json:"lastEntry"`
		Deliveries mockserver.Stats `json:"deliveries"`
	}{a.version, last, a.server.Stats()})
}

// latest is how many deliveries the page shows.
const latest = 100

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string

	page = template.Must(template.New("page").Funcs(template.FuncMap{"took": took}).Parse(pageHTML))
	// pagePolicy allows the page its own style and nothing else.
	pagePolicy = func() string {
		sum := sha256.Sum256([]byte(pageCSS))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	}()
)

// took is a time that people read.
func took(d time.Duration) string {
	if d < time.Millisecond {
		return "under 1ms"
	}
	return d.Round(time.Millisecond).String()
}

// Waits reports whether it is known when the next attempt is made.
func (d delivery) Waits() bool {
	return d.State == mockserver.Waiting && d.Last != nil && !d.Last.Due.IsZero()
}

// showPage is for a look in passing. It has no scripts and reloads itself.
func (a *api) showPage(w http.ResponseWriter, r *http.Request) error {
	records, err := a.ledger.List(r.Context(), mockserver.Query{Limit: latest})
	if err != nil {
		return err
	}
	views := make([]delivery, len(records))
	for i, record := range records {
		views[i] = viewOf(record)
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]any{
		"Style": template.CSS(pageCSS), "Version": a.version, "Stats": a.server.Stats(), "Deliveries": views,
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	send(w, http.StatusOK, "text/html; charset=utf-8", out.Bytes())
	return nil
}
