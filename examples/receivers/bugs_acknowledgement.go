package receivers

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// How receivers answer wrongly.
const (
	AnswersNoContent     Defect = "answers-no-content"      // 204, whatever the provider wants
	StumblesOverOneEvent Defect = "stumbles-over-one-event" // 500 for the last event type of the contract
	SlowToAnswer         Defect = "slow-to-answer"          // works before it answers, longer than good practice
	RedirectsToSlash     Defect = "redirects-to-slash"      // 308 to the URL with a trailing slash
	AnswersLoginPage     Defect = "answers-login-page"      // 200 and the page that the framework shows to strangers
	AnswersAppPage       Defect = "answers-app-page"        // 200 and the page of a single-page application, for every route
	HidesErrors          Defect = "hides-errors"            // 200 with {"success":false} where it fails
	AnswersAtLength      Defect = "answers-at-length"       // 200 and a page of log
	StartsSessions       Defect = "starts-sessions"         // a cookie for every delivery
	ShowsTraces          Defect = "shows-traces"            // 400 with the stack
	ShowsVersions        Defect = "shows-versions"          // X-Powered-By
	ThrottlesInSilence   Defect = "throttles-in-silence"    // 429 without Retry-After when several come at once
)

// slowness of SlowToAnswer: above what good receivers need, below what
// providers wait.
const slowness = 1100 * time.Millisecond

var acknowledgementBugs = []bug{
	{AnswersNoContent, habit{answer: instead(func(w http.ResponseWriter, _ *delivery) { w.WriteHeader(http.StatusNoContent) })}},
	{StumblesOverOneEvent, habit{stumble: when(http.StatusInternalServerError, isLastType)}},
	{SlowToAnswer, habit{stumble: func(*Receiver, *delivery) int { pause(slowness); return 0 }}},
	{RedirectsToSlash, habit{front: func(_ *Receiver, w http.ResponseWriter, req *http.Request) bool {
		if req.Method == http.MethodGet || strings.HasSuffix(req.URL.Path, "/") {
			return false
		}
		http.Redirect(w, req, req.URL.Path+"/", http.StatusPermanentRedirect)
		return true
	}}},
	{AnswersLoginPage, habit{answer: instead(page(`<!DOCTYPE html><html><head><title>Log in</title></head><body><form method="post"><input name="user"><input type="password"></form></body></html>`))}},
	{AnswersAppPage, habit{answer: instead(page(`<!doctype html><html><body><div id="root"></div><script src="/app.js"></script></body></html>`))}},
	{HidesErrors, habit{stumble: when(http.StatusInternalServerError, isLastType), answer: func(r *Receiver, w http.ResponseWriter, _ *delivery, status int) bool {
		if status < 500 {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(r.success())
		fmt.Fprint(w, `{"success":false,"message":"something went wrong"}`)
		return true
	}}},
	{AnswersAtLength, habit{answer: instead(func(w http.ResponseWriter, _ *delivery) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write(bytes.Repeat([]byte("2026-01-15 10:00:00 INFO processed a webhook\n"), 2000)) // the client may have read enough
	})}},
	{StartsSessions, habit{answer: func(_ *Receiver, w http.ResponseWriter, _ *delivery, _ int) bool {
		w.Header().Set("Set-Cookie", "session=2d1f; Path=/; HttpOnly")
		return false
	}}},
	{ShowsTraces, habit{answer: func(_ *Receiver, w http.ResponseWriter, _ *delivery, status int) bool {
		if status != http.StatusBadRequest {
			return false
		}
		w.WriteHeader(status)
		fmt.Fprint(w, "Traceback (most recent call last):\n  File \"/srv/shop/hooks.py\", line 12, in take\njson.decoder.JSONDecodeError: Expecting value\n")
		return true
	}}},
	{ShowsVersions, habit{answer: func(_ *Receiver, w http.ResponseWriter, _ *delivery, _ int) bool {
		w.Header().Set("X-Powered-By", "PHP/7.4.33")
		return false
	}}},
	{ThrottlesInSilence, habit{act: func(r *Receiver, d *delivery) int {
		if r.enter() > 5 {
			r.leave()
			return http.StatusTooManyRequests
		}
		defer r.leave()
		pause(work)
		r.act(d)
		return 0
	}}},
}

// instead replaces the answer to what was done.
func instead(write func(http.ResponseWriter, *delivery)) func(*Receiver, http.ResponseWriter, *delivery, int) bool {
	return func(r *Receiver, w http.ResponseWriter, d *delivery, status int) bool {
		if status != r.success() {
			return false
		}
		write(w, d)
		return true
	}
}

func page(html string) func(http.ResponseWriter, *delivery) {
	return func(w http.ResponseWriter, _ *delivery) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, html)
	}
}

func isLastType(r *Receiver, d *delivery) bool {
	types := r.contract.EventTypes()
	for _, ev := range d.opened.Events {
		if ev.Type == types[len(types)-1] {
			return true
		}
	}
	return false
}

// work is how long the work of a delivery takes where that matters.
const work = 20 * time.Millisecond

func pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// enter counts the requests under way, this one included.
func (r *Receiver) enter() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy++
	return r.busy
}

func (r *Receiver) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
}
