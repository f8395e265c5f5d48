package verifier

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/internal/egress"
	"github.com/hookrig/hookrig/mockserver"
)

// hasConnections is the condition of checks that write a request in a way of
// their own.
func hasConnections(s *session) string {
	if t := s.options.Transport; t != nil && !egress.Heeds(t) {
		return lacksConnections
	}
	return ""
}

// request is a family of acts: a valid event in another HTTP request.
func request(name string, change func(*contracts.Request)) act {
	return func(ctx context.Context, s *session) error {
		return s.send(ctx, roleProbe, s.event(), sending{tamper: mockserver.Tamper{
			Name: name, Request: func(_ int, r *contracts.Request) { change(r) },
		}})
	}
}

// inTurn joins acts.
func inTurn(acts ...act) act {
	return func(ctx context.Context, s *session) error {
		for _, a := range acts {
			if err := a(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

func contentType(to func(was string) string) func(*contracts.Request) {
	return func(r *contracts.Request) { r.Header.Set("Content-Type", to(r.Header.Get("Content-Type"))) }
}

func mediaType(was string) string {
	media, _, _ := strings.Cut(was, ";")
	return strings.TrimSpace(media)
}

var (
	withCharset    = request("charset=utf-8", contentType(func(was string) string { return mediaType(was) + "; charset=utf-8" }))
	withoutSpace   = request("charset=UTF-8", contentType(func(was string) string { return mediaType(was) + ";charset=UTF-8" }))
	upperCase      = request("upper case", contentType(func(was string) string { return strings.ToUpper(mediaType(was)) }))
	plainText      = request("text/plain", contentType(func(string) string { return "text/plain" }))
	asForm         = request("a form", contentType(func(string) string { return "application/x-www-form-urlencoded" }))
	noContentType  = request("no content type", func(r *contracts.Request) { r.Header.Del("Content-Type") })
	otherAgent     = request("another agent", func(r *contracts.Request) { r.Header.Set("User-Agent", "Apache-HttpClient/4.5.14 (Java/17.0.9)") })
	noAgent        = request("no agent", func(r *contracts.Request) { r.Header["User-Agent"] = []string{""} })
	hundredHeaders = request("a hundred headers", func(r *contracts.Request) {
		for i := range 100 {
			r.Header.Set(fmt.Sprintf("X-Hookrig-Unknown-%d", i), "of no meaning")
		}
	})
	longHeader = request("a header of 4 KiB", func(r *contracts.Request) { r.Header.Set("X-Hookrig-Unknown", strings.Repeat("x", 4<<10)) })
)

// lowerCase writes the names of headers as many clients do, and HTTP/2 always.
func lowerCase(r *contracts.Request) {
	header := http.Header{}
	for name, values := range r.Header {
		header[strings.ToLower(name)] = values
	}
	for _, kept := range []string{"User-Agent", "Accept-Encoding", "Host"} { // the transport looks for these by name
		if v, ok := r.Header[kept]; ok {
			delete(header, strings.ToLower(kept))
			header[kept] = v
		}
	}
	r.Header = header
}

func method(name string) act {
	return request(name, func(r *contracts.Request) { r.Method = name })
}

// looking is a request without a body, as browsers, monitors and scanners make it.
func looking(name string) act {
	return request(name, func(r *contracts.Request) {
		r.Method, r.Body, r.Header = name, nil, http.Header{}
	})
}

func gzipped(ctx context.Context, s *session) error {
	ev := s.event()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(ev.Body); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return s.unlike(ctx, "gzip", ev, packed.Bytes(), func(r *contracts.Request) { r.Header.Set("Content-Encoding", "gzip") })
}

// wire is a named tamper of every attempt.
func wire(name string) (mockserver.Tamper, error) {
	t, err := mockserver.TamperNamed(name)
	t.Attempts = 0
	return t, err
}

// dripTime is how long a dripping body takes.
const dripTime = 500 * time.Millisecond

// onWire sends a valid event as a named tamper writes it.
func onWire(names ...string) act {
	return func(ctx context.Context, s *session) error {
		for _, name := range names {
			tamper, err := wire(name)
			if err != nil {
				return err
			}
			if tamper.Wire != nil && tamper.Wire.Drip > 0 {
				tamper.Wire = &mockserver.Wire{Drip: dripTime}
			}
			if err := s.send(ctx, roleProbe, s.event(), sending{tamper: tamper}); err != nil {
				return err
			}
			if tamper.Wire != nil && tamper.Wire.Break != "" {
				s.wait(ctx, noticed)
			}
		}
		return nil
	}
}

// noticed is how long a receiver may take to notice that a connection is gone.
const noticed = 200 * time.Millisecond

// judgeCut judges what a receiver makes of a request that never came in full:
// anything but success, and life afterwards.
func judgeCut(h *hearing) finding {
	probes := h.of(roleProbe)
	if len(probes) == 0 {
		return nothingSent
	}
	f := finding{verdict: Pass, because: "nothing was made of it, and the next event was accepted", expected: "no success, and the next event accepted", received: answer(probes[0].attempt)}
	for _, x := range probes {
		if c := classOf(successRule(x.policy), x.attempt); c == took || c == misspoke {
			f.verdict, f.because, f.received, f.proof = Fail, "a request that did not come in full was accepted", answer(x.attempt), []*exchange{x}
		}
	}
	return f
}

// judgeScheme looks at the address alone.
func judgeScheme(h *hearing) finding {
	f := finding{verdict: Pass, because: "the address is https", expected: "https", received: h.evidence.Target}
	u, err := url.Parse(h.evidence.Target)
	switch {
	case err != nil:
		return finding{verdict: Inconclusive, because: "the address cannot be read"}
	case u.Scheme == "https":
	case local(u.Hostname()):
		f.because = "the receiver is on this machine or in a private network"
	default:
		f.verdict, f.because = Fail, "events travel where everybody on the way can read them"
	}
	return f
}

// local reports whether a host is known to be no public one.
func local(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	for _, suffix := range []string{"localhost", ".local", ".internal", ".test"} {
		if host == suffix || strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return !strings.Contains(host, ".")
}

// judgeAddress looks for credentials in the query, which proxies and logs keep.
func judgeAddress(h *hearing) finding {
	f := finding{verdict: Pass, because: "the query holds no credentials", expected: "none", received: h.evidence.Target}
	u, err := url.Parse(h.evidence.Target)
	if err != nil {
		return finding{verdict: Inconclusive, because: "the address cannot be read"}
	}
	if strings.Contains(u.RawQuery, "redacted") {
		f.verdict, f.because = Warn, "a credential stands in the query, where logs and proxies keep it"
	}
	return f
}
