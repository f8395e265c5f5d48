package scenario_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/verifier/scenario"
)

// The page shows each event with payload, request, answer and verdict, and texts
// of a receiver stay texts.
func TestHTML(t *testing.T) {
	r := play(t, "name: x\nabout: <b>bold</b>\nsteps:\n- order placed: {expect: {answers: 2xx, effects: 1}}\n- again: order placed\nexpect: {answers: success}\n",
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write([]byte("<script>alert(1)</script>"))
		}))
	var page bytes.Buffer
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	text := page.String()
	for _, want := range []string{
		"Not as expected", "&lt;b&gt;bold", `href="#event-0"`, `id="event-0"`, "order.placed", "418 I&#39;m a teapot", "&lt;script&gt;", "no oracle counts effects", "again: event 0",
		"POST http://receiver.test/hooks", "prefers-color-scheme",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, "<script") {
		t.Error("a script of the receiver's")
	}
	many := &scenario.Result{Events: make([]scenario.EventResult, 5000)}
	page.Reset()
	if err := many.HTML(&page); err != nil || page.Len() > 1<<20 || !strings.Contains(page.String(), "200 of 5000") {
		t.Errorf("%d bytes for 5000 events, %v", page.Len(), err)
	}
}
