package verifier_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// advised are the warnings that right receivers may get, by style: checks or
// groups. Nothing else may be found, and no failure.
var advised = map[receivers.Style][]string{
	receivers.CallsForgeryBad:  {"authenticity"},
	receivers.KnowsItsEvents:   {"payload/unknown-event"},
	receivers.ValidatesBodies:  {"payload/null-member", "payload/unknown-enum"},
	receivers.TakesLittle:      {"payload/size"},
	receivers.ThinksLong:       {"acknowledgement/latency"},
	receivers.AsksForPatience:  {"state/parallel-duplicates-accepted", "http/parallel"},
	receivers.StandsInACluster: {"acknowledgement/cookie"},
}

// TestStylesOfRightReceivers: whoever does it right in another way fails nothing.
func TestStylesOfRightReceivers(t *testing.T) {
	for i, style := range slices.Concat([]receivers.Style{receivers.Plain}, receivers.Styles) {
		names := []string{"shop", []string{"xentral", "shoptet", "scayle"}[i%3]}
		if full {
			names = galleryNames
		}
		for n, name := range names {
			if !sample(i + n) {
				continue
			}
			virtualRun(t, fmt.Sprintf("%q %s", style, name), func(t *testing.T) {
				c := galleryContract(t, name)
				receiver := receivers.Right(c, style, secretsOf(c)...)
				o := options(c, receiver)
				if types := c.EventTypes(); !full { // that every event is well is for TestCorrectReceiversAreConformant
					o.Events = slices.Compact([]string{types[0].Name(), types[1].Name(), types[len(types)-1].Name()})
				}
				if style == receivers.WorksLater {
					o.Settle = 2 * receivers.Later
				}
				if !slices.Contains(advised[style], "payload/size") {
					o = slim(o)
				}
				r := run(t, o)
				tell("right", string(style), name, "", found(r))
				onlyAdvised(t, r, advised[style])
				time.Sleep(2 * receivers.Later) // whoever works later has finished
			})
		}
	}
}

// onlyAdvised wants no failures, and no warnings but some. Those are not owed.
func onlyAdvised(t *testing.T, r *verifier.Report, advice []string) {
	t.Helper()
	for _, f := range r.Checks {
		if f.Verdict == verifier.Fail || f.Verdict == verifier.Inconclusive || f.Verdict == verifier.Warn && !slices.Contains(advice, f.Name) && !slices.Contains(advice, f.Group) {
			t.Errorf("%s %s: %s (%s)", f.Verdict, f.Name, f.Because, f.Received)
		}
	}
}

// fronts are what stands before receivers, or around them.
var fronts = map[string]struct {
	wrap    func(http.Handler) http.Handler
	advised []string
}{
	"a time-out": {func(h http.Handler) http.Handler { return http.TimeoutHandler(h, time.Second, "too slow") }, nil},
	"a mux": {func(h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("POST /", h)
		mux.Handle("PUT /", h)
		mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
		return mux
	}, nil},
	"a reverse proxy": {func(h http.Handler) http.Handler {
		proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "backend.test"})
		proxy.ErrorLog = log.New(io.Discard, "", 0)
		proxy.Transport = mockserver.InProcess(h)
		return proxy
	}, nil},
	"a limit": {func(h http.Handler) http.Handler { return http.MaxBytesHandler(h, 2<<20) }, nil},
	"a packer of answers": {func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packer := gzip.NewWriter(w)
			h.ServeHTTP(packed{w, packer}, r)
			_ = packer.Close()
		})
	}, nil},
	"a recoverer": {func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if recover() != nil {
					http.Error(w, "internal error", http.StatusInternalServerError)
				}
			}()
			w.Header().Set("Connection", "close")
			w.Header().Set("Strict-Transport-Security", "max-age=63072000")
			h.ServeHTTP(w, r)
		})
	}, nil},
	"a queue of one": {func(h http.Handler) http.Handler { // takes them in turn, and lets the others wait
		turn := make(chan struct{}, 1)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			turn <- struct{}{}
			defer func() { <-turn }()
			h.ServeHTTP(w, r)
		})
	}, nil},
}

type packed struct {
	http.ResponseWriter
	to *gzip.Writer
}

func (p packed) Write(b []byte) (int, error) { return p.to.Write(b) }

func TestFrontsOfRightReceivers(t *testing.T) {
	for front, row := range fronts {
		virtualRun(t, front, func(t *testing.T) {
			c := galleryContract(t, "shop")
			receiver := receivers.New(c, receivers.None, secretsOf(c)...)
			o := options(c, receiver)
			if o.Transport = mockserver.InProcess(row.wrap(receiver)); front != "a limit" {
				o = slim(o)
			}
			r := run(t, o)
			tell("right", "behind "+front, "shop", "", found(r))
			onlyAdvised(t, r, row.advised)
		})
	}
}
