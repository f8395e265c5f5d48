package receivers

import (
	"errors"
	"io"
	"net/http"
	"strings"
)

// How receivers take HTTP for less than it is.
const (
	OneAtATime           Defect = "one-at-a-time"           // the database is locked
	ComparesContentType  Defect = "compares-content-type"   // 415 for application/json; charset=utf-8
	BreaksOnOtherTypes   Defect = "breaks-on-other-types"   // no body where the content type is another
	BreaksWithoutType    Defect = "breaks-without-type"     // reaches into a header that is not there
	BreaksOnCompressed   Defect = "breaks-on-compressed"    // takes compressed bytes for text
	TakesEveryMethod     Defect = "takes-every-method"      // a route for all methods
	BreaksOnOtherMethods Defect = "breaks-on-other-methods" // 500 where there is no handler
	BreaksOnLooking      Defect = "breaks-on-looking"       // parses the body that a GET does not have
	BreaksOnManyHeaders  Defect = "breaks-on-many-headers"  // 64 headers
	RefusesRobots        Defect = "refuses-robots"          // a firewall with a list of names
	NeedsLength          Defect = "needs-length"            // reads as many bytes as were announced
	RefusesExpect        Defect = "refuses-expect"          // 417
	ReadsOnce            Defect = "reads-once"              // takes what comes first for all
	KeepsLockOnCut       Defect = "keeps-lock-on-cut"       // does not give a lock back where reading fails within a body
	KeepsLockOnReset     Defect = "keeps-lock-on-reset"     // the same before it
)

func fronted(status int, so func(*http.Request) bool) habit {
	return habit{front: func(_ *Receiver, w http.ResponseWriter, req *http.Request) bool {
		if !so(req) {
			return false
		}
		w.WriteHeader(status)
		return true
	}}
}

func isDelivery(req *http.Request) bool {
	return req.Method == http.MethodPost || req.Method == http.MethodPut
}

var httpBugs = []bug{
	{OneAtATime, habit{act: func(r *Receiver, d *delivery) int {
		defer r.leave()
		if r.enter() > 1 {
			return broken
		}
		pause(work)
		r.act(d)
		return 0
	}}},
	{ComparesContentType, habit{media: func(h http.Header) int {
		if t := h.Get("Content-Type"); t != "" && t != "application/json" || h.Get("Content-Encoding") != "" {
			return http.StatusUnsupportedMediaType
		}
		return 0
	}}},
	{BreaksOnOtherTypes, fronted(broken, func(req *http.Request) bool {
		t := req.Header.Get("Content-Type")
		return isDelivery(req) && t != "" && !strings.Contains(strings.ToLower(t), "json")
	})},
	{BreaksWithoutType, fronted(broken, func(req *http.Request) bool { return isDelivery(req) && req.Header.Get("Content-Type") == "" })},
	{BreaksOnCompressed, fronted(broken, func(req *http.Request) bool { return req.Header.Get("Content-Encoding") != "" })},
	{TakesEveryMethod, habit{method: func(m string) bool { return m != http.MethodGet && m != http.MethodHead && m != http.MethodOptions }}},
	{BreaksOnOtherMethods, fronted(broken, func(req *http.Request) bool { return req.Method == http.MethodDelete || req.Method == http.MethodPatch })},
	{BreaksOnLooking, fronted(broken, func(req *http.Request) bool { return req.Method == http.MethodHead || req.Method == http.MethodOptions })},
	{BreaksOnManyHeaders, fronted(broken, func(req *http.Request) bool { return len(req.Header) > 64 })},
	{RefusesRobots, fronted(http.StatusForbidden, func(req *http.Request) bool {
		agent := req.UserAgent()
		return isDelivery(req) && (agent == "" || strings.Contains(agent, "Java/"))
	})},
	{NeedsLength, habit{read: func(req *http.Request) ([]byte, error) {
		return io.ReadAll(io.LimitReader(req.Body, max(0, req.ContentLength)))
	}}},
	{RefusesExpect, fronted(http.StatusExpectationFailed, func(req *http.Request) bool { return req.Header.Get("Expect") != "" })},
	{ReadsOnce, habit{read: func(req *http.Request) ([]byte, error) {
		buffer := make([]byte, maxBody)
		n, err := req.Body.Read(buffer)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return buffer[:n], err
	}}},
	{KeepsLockOnCut, keepsLock(func(read int) bool { return read > 0 })},
	{KeepsLockOnReset, keepsLock(func(read int) bool { return read == 0 })},
}

// keepsLock is for receivers that hold something while they read and do not let
// go of it where reading fails.
func keepsLock(after func(read int) bool) habit {
	return habit{
		front: func(r *Receiver, w http.ResponseWriter, req *http.Request) bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			if !r.stuck {
				return false
			}
			r.stuck = false // until somebody restarts it
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		},
		read: func(req *http.Request) ([]byte, error) {
			body, err := io.ReadAll(req.Body)
			if tooLarge := new(http.MaxBytesError); err != nil && !errors.As(err, &tooLarge) && after(len(body)) {
				return body, errStuck
			}
			return body, err
		},
	}
}

var errStuck = errors.New("reading failed while something was locked")
