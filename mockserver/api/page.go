package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"github.com/hookrig/hookrig/mockserver"
)

// latest is how many deliveries the page shows.
const latest = 100

// latestScenarios is how many runs of scenarios it shows.
const latestScenarios = 10

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string

	page = template.Must(template.New("page").Funcs(template.FuncMap{"took": took}).Parse(pageHTML))
	// pagePolicy allows the page its own style, and its form to come back here.
	pagePolicy = func() string {
		sum := sha256.Sum256([]byte(pageCSS))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
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

// pageData is what the page shows.
type pageData struct {
	Style      template.CSS
	Version    string
	Counts     counts             // of everything that is kept and has the label
	States     []mockserver.State // to choose from
	State      mockserver.State   // chosen; "": any
	Label      string             // chosen; "": any
	Runs       []runView          // those that have not ended
	Scenarios  []scenarioRun      // the latest that were played
	Deliveries []delivery
	Older      string // where the page goes on; "": it does not
}

// showPage is for a look in passing. It has no scripts and reloads itself.
func (a *api) showPage(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	q, err := a.queryIn(in)
	if err != nil {
		return err
	}
	of := q
	of.State = "" // the choice of one state leaves the sums alone
	sums, err := a.count(r.Context(), of)
	if err != nil {
		return err
	}
	if c := in.Get("cursor"); c != "" {
		var ok bool
		if q.Before, ok = readCursor(c); !ok {
			return flawed(http.StatusBadRequest, flaw{In: "query", Parameter: "cursor", Detail: `it is not the "next" of a page`})
		}
	}
	q.Limit = latest + 1
	records, err := a.ledger.List(r.Context(), q)
	if err != nil {
		return err
	}
	data := pageData{
		Style: template.CSS(pageCSS), Version: a.version, Counts: sums, State: q.State, Label: in.Get("label"),
		States: []mockserver.State{mockserver.Waiting, mockserver.Attempting, mockserver.Delivered, mockserver.Exhausted, mockserver.Cancelled},
	}
	if len(records) > latest {
		records = records[:latest]
		older := url.Values{"cursor": {writeCursor(records[latest-1].Seq)}}
		for name, value := range map[string]string{"state": string(data.State), "label": data.Label} {
			if value != "" {
				older.Set(name, value)
			}
		}
		data.Older = "/?" + older.Encode()
	}
	for _, record := range records {
		data.Deliveries = append(data.Deliveries, viewOf(record))
	}
	for _, e := range a.work.all() {
		if e.live() != nil {
			data.Runs = append(data.Runs, e.view())
		}
	}
	data.Scenarios = a.scenarioRuns()
	data.Scenarios = data.Scenarios[:min(len(data.Scenarios), latestScenarios)]
	var out bytes.Buffer
	if err := page.Execute(&out, data); err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	send(w, http.StatusOK, "text/html; charset=utf-8", out.Bytes())
	return nil
}
