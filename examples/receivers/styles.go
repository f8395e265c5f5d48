package receivers

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// Style is how a right receiver does things in a way of its own. There are as
// many as there are teams; none of them is a defect.
type Style string

// The styles. Where a provider takes one code alone for success, all use it.
const (
	Plain            Style = ""                  // as New makes it
	AnswersAccepted  Style = "answers-accepted"  // 202 and nothing else
	AnswersCreated   Style = "answers-created"   // 201 with a Location
	AnswersJSON      Style = "answers-json"      // {"status":200,"error":null,…}
	AnswersText      Style = "answers-text"      // OK
	AnswersXML       Style = "answers-xml"       // <ok/>
	EchoesJSON       Style = "echoes-json"       // the event, as JSON
	ForbidsForgeries Style = "forbids-forgeries" // 403
	CallsForgeryBad  Style = "calls-forgery-bad" // 400 for a forgery too
	ExplainsErrors   Style = "explains-errors"   // application/problem+json
	AsksToLogIn      Style = "asks-to-log-in"    // 401 with WWW-Authenticate
	RefusesUnread    Style = "refuses-unread"    // what can be refused by its headers is, before the body is read
	KnowsItsEvents   Style = "knows-its-events"  // 404 for events that it does not know
	ValidatesBodies  Style = "validates-bodies"  // 422 for what breaks the provider's schema
	TakesLittle      Style = "takes-little"      // 413 above 256 KiB
	ThinksLong       Style = "thinks-long"       // answers after three quarters of the time that it has
	WorksLater       Style = "works-later"       // answers first
	NamesRepeats     Style = "names-repeats"     // 208 for what it has done
	AsksForPatience  Style = "asks-for-patience" // 429 with Retry-After where many come at once
	GreetsBrowsers   Style = "greets-browsers"   // a page for GET, and CORS
	HidesFromLookers Style = "hides-from-lookers"
	StandsInACluster Style = "stands-in-a-cluster" // the balancer sets its cookie
	KeepsToSeconds   Style = "keeps-to-seconds"    // believes signatures that are a minute old at most
)

// Later is how long WorksLater works after its answer.
const Later = time.Second

// Right makes a right receiver of a style.
func Right(c *contracts.Contract, style Style, secrets ...signature.Secret) *Receiver {
	r := New(c, None, secrets...)
	r.habit = styles[style]
	return r
}

// Styles lists all but Plain.
var Styles = []Style{
	AnswersAccepted, AnswersCreated, AnswersJSON, AnswersText, AnswersXML, EchoesJSON, ForbidsForgeries, CallsForgeryBad,
	ExplainsErrors, AsksToLogIn, RefusesUnread, KnowsItsEvents, ValidatesBodies, TakesLittle, ThinksLong, WorksLater,
	NamesRepeats, AsksForPatience, GreetsBrowsers, HidesFromLookers, StandsInACluster, KeepsToSeconds,
}

var styles = map[Style]habit{
	AnswersAccepted: {answer: succeeding(http.StatusAccepted, "", "")},
	AnswersCreated: {answer: func(r *Receiver, w http.ResponseWriter, d *delivery, status int) bool {
		w.Header().Set("Location", "/orders/1")
		return succeeding(http.StatusCreated, "application/json", `{"id":1}`)(r, w, d, status)
	}},
	AnswersJSON: {answer: succeeding(http.StatusOK, "application/json", `{"status":200,"success":true,"error":null,"errors":[],"message":"processed"}`)},
	AnswersText: {answer: succeeding(http.StatusOK, "text/plain", "OK")},
	AnswersXML:  {answer: succeeding(http.StatusOK, "text/xml", `<?xml version="1.0"?><ok/>`)},
	EchoesJSON: {answer: func(r *Receiver, w http.ResponseWriter, d *delivery, status int) bool {
		return succeeding(http.StatusOK, "application/json", string(d.body))(r, w, d, status)
	}},
	ForbidsForgeries: {answer: refusing(http.StatusUnauthorized, func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) })},
	CallsForgeryBad:  {answer: refusing(http.StatusUnauthorized, func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadRequest) })},
	ExplainsErrors: {answer: func(_ *Receiver, w http.ResponseWriter, d *delivery, status int) bool {
		if status < 400 {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"type":"about:blank","title":%q,"status":%d,"detail":"the delivery was refused","instance":%q}`, http.StatusText(status), status, d.URL.Path)
		return true
	}},
	AsksToLogIn: {answer: refusing(http.StatusUnauthorized, func(w http.ResponseWriter) {
		w.Header().Set("WWW-Authenticate", `Basic realm="hooks"`)
		http.Error(w, "unauthorized", http.StatusUnauthorized)
	})},
	RefusesUnread:  {front: refuseUnread},
	KnowsItsEvents: {stumble: when(http.StatusNotFound, func(_ *Receiver, d *delivery) bool { return len(d.opened.Events) == 0 })},
	ValidatesBodies: {stumble: when(http.StatusUnprocessableEntity, func(_ *Receiver, d *delivery) bool {
		for _, ev := range d.opened.Events {
			if found, err := ev.Type.Validate(ev.Body); err != nil || len(found) > 0 {
				return true
			}
		}
		return false
	})},
	TakesLittle: {front: func(_ *Receiver, w http.ResponseWriter, req *http.Request) bool {
		if req.ContentLength > 256<<10 {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return true
		}
		req.Body = http.MaxBytesReader(w, req.Body, 256<<10)
		return false
	}},
	ThinksLong: {stumble: func(r *Receiver, _ *delivery) int {
		pause(r.contract.EventTypes()[0].Policy().Timeout * 3 / 4)
		return 0
	}},
	WorksLater: {act: func(r *Receiver, d *delivery) int {
		go func() {
			pause(Later)
			r.act(d)
		}()
		return 0
	}},
	NamesRepeats: {answer: func(r *Receiver, w http.ResponseWriter, d *delivery, status int) bool {
		return d.again && succeeding(http.StatusAlreadyReported, "", "")(r, w, d, status)
	}},
	AsksForPatience: {act: func(r *Receiver, d *delivery) int {
		defer r.leave()
		if r.enter() > 5 {
			return http.StatusTooManyRequests
		}
		pause(work)
		r.act(d)
		return 0
	}, answer: refusing(http.StatusTooManyRequests, func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	})},
	GreetsBrowsers:   {front: greet},
	HidesFromLookers: fronted(http.StatusNotFound, func(req *http.Request) bool { return !isDelivery(req) && !isOracle(req) }),
	StandsInACluster: {answer: func(_ *Receiver, w http.ResponseWriter, _ *delivery, _ int) bool {
		w.Header().Set("Set-Cookie", "NODE=b; Path=/")
		w.Header().Set("Server", "nginx")
		w.Header().Set("Via", "1.1 edge")
		return false
	}},
	KeepsToSeconds: {trusts: func(r *Receiver, d *delivery, right bool) bool {
		scheme, _ := r.contract.Signature()
		return right && freshWithin(scheme, d.Header, time.Minute)
	}},
}

// succeeding answers success with a code, as far as the provider takes it for one.
func succeeding(code int, kind, body string) func(*Receiver, http.ResponseWriter, *delivery, int) bool {
	return func(r *Receiver, w http.ResponseWriter, _ *delivery, status int) bool {
		if status != r.success() {
			return false
		}
		if r.contract.EventTypes()[0].Policy().Accepts(code) {
			status = code
		}
		if kind != "" {
			w.Header().Set("Content-Type", kind)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // the client may have gone
		return true
	}
}

// refusing has another answer for a status.
func refusing(status int, write func(http.ResponseWriter)) func(*Receiver, http.ResponseWriter, *delivery, int) bool {
	return func(_ *Receiver, w http.ResponseWriter, _ *delivery, got int) bool {
		if got != status {
			return false
		}
		write(w)
		return true
	}
}

// refuseUnread refuses what the headers give away.
func refuseUnread(r *Receiver, w http.ResponseWriter, req *http.Request) bool {
	scheme, _ := r.contract.Signature()
	switch {
	case !isDelivery(req):
		return false
	case scheme.Signs() && len(r.secrets) > 0 && len(req.Header.Values(r.proof())) != 1:
		w.WriteHeader(http.StatusUnauthorized)
	case req.ContentLength > maxBody:
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	case mediaType(req.Header) != 0:
		w.WriteHeader(http.StatusUnsupportedMediaType)
	default:
		return false
	}
	return true
}

func isOracle(req *http.Request) bool { return strings.HasSuffix(req.URL.Path, "/effects") }

// greet has something to say to whoever is no provider.
func greet(_ *Receiver, w http.ResponseWriter, req *http.Request) bool {
	switch {
	case isOracle(req):
		return false
	case req.Method == http.MethodGet, req.Method == http.MethodHead:
		page(`<!doctype html><html><body><h1>Nothing to see</h1><form action="/search"><input name="q"></form></body></html>`)(w, nil)
	case req.Method == http.MethodOptions:
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.WriteHeader(http.StatusNoContent)
	default:
		return false
	}
	return true
}
