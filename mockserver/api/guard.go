package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/signature"
)

// guard stands before the routes. It turns away requests that a web page makes
// behind its reader's back, and those without the token.
//
// A page of another site can post to a loopback address, and by rebinding its
// own name to that address (DNS rebinding) it can even read the answers. The
// first kind carries its Origin, the second the wrong Host.
type guard struct {
	token signature.Secret
	hosts []string
}

// open are the paths that probes ask for, under any name and without a token.
var open = []string{"/healthz", "/readyz"}

func (g *guard) check(r *http.Request) *problem {
	switch {
	case slices.Contains(open, r.URL.Path):
		return nil
	case !g.isHost(r):
		return newProblem(http.StatusForbidden, "this server does not answer under the name that the Host header gives").
			hint("address it as localhost, or start it with this name among its hosts")
	case crossSite(r):
		return newProblem(http.StatusForbidden, "the request comes from a page of another site")
	case !g.isAuthorized(r):
		return newProblem(http.StatusUnauthorized, "the bearer token is missing or wrong").hint("Authorization: Bearer TOKEN")
	}
	return nil
}

func (g *guard) isHost(r *http.Request) bool { return IsHost(r, g.hosts) }

// IsHost reports whether a request is addressed to a loopback name, to the
// address that it arrived at, or to one of hosts. A page whose own name was made
// to lead to this machine is addressed otherwise (DNS rebinding).
func IsHost(r *http.Request, hosts []string) bool {
	host := hostname(r.Host)
	listed := host != "" && slices.ContainsFunc(hosts, func(h string) bool { return hostname(h) == host })
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return addr.Unmap().IsLoopback() || addr.Unmap() == localAddr(r) || listed
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || listed
}

// hostname is a Host header without its port, as hosts are compared.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// localAddr is where the request's connection ends on our side.
func localAddr(r *http.Request) netip.Addr {
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return at.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// crossSite judges by what browsers say and pages cannot change. Other clients
// say nothing.
func crossSite(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) {
			return true
		}
	}
	if onlyReads(r) {
		return false // a link to our page is no harm, and nobody else can read the answer
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}

func (g *guard) isAuthorized(r *http.Request) bool {
	if g.token.IsZero() {
		return true
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if _, password, ok := r.BasicAuth(); ok && onlyReads(r) {
		return signature.NewSecret(password).Equal(g.token)
	}
	return strings.EqualFold(scheme, "Bearer") && signature.NewSecret(token).Equal(g.token)
}

// onlyReads reports whether a request changes nothing. A browser, which cannot be
// told a bearer token, may then give the token as a password: it does so for every
// request, also those that a page of another site makes it send.
func onlyReads(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// guarded puts the guard, and the headers of every answer, before a handler.
func (a *api) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		hurry(w, r)
		if p := a.guard.check(r); p != nil {
			if p.Status == http.StatusUnauthorized {
				h.Set("WWW-Authenticate", `Bearer realm="hookrig"`)
				if onlyReads(r) {
					h.Add("WWW-Authenticate", `Basic realm="hookrig: any name, the token as password", charset="UTF-8"`)
				}
			}
			a.refuse(w, r, p)
			return
		}
		next.ServeHTTP(w, r)
	})
}
