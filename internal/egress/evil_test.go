package egress

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// zone answers names from a table, without a network. Each query of a name
// takes the next of its answers, the last one for good: that is how a name is
// rebound. What is not in the table does not exist.
type zone struct {
	mu      sync.Mutex
	names   map[string][]string // answers: addresses with spaces between, "alias → addresses" for a CNAME
	queries map[string]int
}

func (z *zone) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go z.serve(server)
		return client, nil
	}}
}

func (z *zone) serve(conn net.Conn) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		answer := z.answer(query)
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

// answer is RFC 1035, sections 4.1 and 3.3.1.
func (z *zone) answer(query []byte) []byte {
	end := 12
	var labels []string
	for query[end] != 0 {
		n := int(query[end])
		labels = append(labels, string(query[end+1:end+1+n]))
		end += 1 + n
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	question := query[12 : end+5]
	name := strings.ToLower(strings.Join(labels, "."))

	z.mu.Lock()
	defer z.mu.Unlock()
	texts := z.names[name]
	flags, count := uint16(0x8180), uint16(0)
	var records []byte
	if len(texts) == 0 {
		flags |= 3 // there is no such name
	} else {
		text := texts[min(z.queries[name]/2, len(texts)-1)] // A and AAAA are asked for together
		z.queries[name]++
		owner := []byte{0xc0, 12}
		if alias, rest, ok := strings.Cut(text, " → "); ok {
			target := encodeName(alias)
			records = append(record(records, owner, 5), byte(len(target)>>8), byte(len(target)))
			records = append(records, target...)
			owner, text = target, rest
			count++
		}
		for _, field := range strings.Fields(text) {
			addr := netip.MustParseAddr(field)
			if addr.Is4() != (kind == 1) {
				continue
			}
			records = append(record(records, owner, kind), 0, byte(len(addr.AsSlice())))
			records = append(records, addr.AsSlice()...)
			count++
		}
	}
	out := append([]byte{query[0], query[1]}, byte(flags>>8), byte(flags), 0, 1, byte(count>>8), byte(count), 0, 0, 0, 0)
	return append(append(out, question...), records...)
}

func record(b, owner []byte, kind uint16) []byte {
	return append(append(b, owner...), byte(kind>>8), byte(kind), 0, 1, 0, 0, 0, 0)
}

func encodeName(name string) []byte {
	var b []byte
	for _, label := range strings.Split(name, ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	return append(b, 0)
}

// canary is a receiver on loopback that nobody may reach.
func canary(t *testing.T) (port string, hits *atomic.Int32) {
	t.Helper()
	hits = &atomic.Int32{}
	where := listen(t, func(net.Conn) { hits.Add(1) })
	_, port, _ = net.SplitHostPort(where)
	return port, hits
}

func try(t *testing.T, transport *Transport, way Way, target string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(With(t.Context(), way), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "POST", target, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	res, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Every spelling of loopback, and every way to send, for a sender that may
// reach public addresses only.
func TestNoSpellingReachesLoopback(t *testing.T) {
	port, hits := canary(t)
	z := &zone{queries: map[string]int{}, names: map[string][]string{
		"inside.test":  {"127.0.0.1"},
		"mapped.test":  {"::ffff:127.0.0.1"},
		"six.test":     {"::1"},
		"alias.test":   {"inside.test → 127.0.0.1"},
		"both.test":    {"127.0.0.1 ::1"},
		"many.test":    {strings.Repeat("10.0.0.1 ", 49) + "127.0.0.1"},
		"zero.test":    {"0.0.0.0"},
		"nat64.test":   {"64:ff9b::7f00:1"},
		"rebound.test": {"192.0.2.1", "127.0.0.1"},
	}}
	for _, host := range []string{
		"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "127.127.127.127",
		"0", "0.0.0.0", "[::]", "[::1]", "[::1%25lo]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]",
		"[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[2001:0:0:0::80ff:fffe]", "[::ffff:0:127.0.0.1]",
		"localhost", "LOCALHOST", "localhost.", "ok@127.0.0.1", "ok:secret@localhost", "example.com@127.0.0.1",
		"①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "[127.0.0.1]", "127.0.0.1%2500", "127.0.0.1%00.example.com",
		"inside.test", "mapped.test", "six.test", "alias.test", "both.test", "many.test", "zero.test", "nat64.test", "rebound.test", "rebound.test",
	} {
		for _, way := range ways {
			rules := way.rules
			rules.PublicOnly = true
			transport := newTransport(rules, z.resolver())
			if err := try(t, transport, way.way, "http://"+host+":"+port+"/"); err == nil {
				t.Errorf("%s, %s: it was sent", host, way.name)
			}
			transport.CloseIdleConnections()
		}
	}
	if n := hits.Load(); n > 0 {
		t.Errorf("%d connections", n)
	}
}

// What is refused under all rules is so by name too.
func TestMetadataServicesByName(t *testing.T) {
	z := &zone{queries: map[string]int{}, names: map[string][]string{
		"metadata.google.internal": {"169.254.169.254"},
		"metadata.test":            {"metadata.google.internal → 169.254.169.254"},
		"aws.test":                 {"fd00:ec2::254"},
		"alibaba.test":             {"100.100.100.200"},
		"link.test":                {"fe80::1"},
	}}
	for name := range z.names {
		for _, way := range ways {
			rules := way.rules
			rules.Allow = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
			err := try(t, newTransport(rules, z.resolver()), way.way, "http://"+name+"/latest/meta-data/")
			var refused *RefusedError
			if !errors.As(err, &refused) {
				t.Errorf("%s, %s: %v", name, way.name, err)
			}
		}
	}
}

// A name that turns from an allowed address to another gains nothing: each
// connection is judged by itself, and a kept one stays where it is.
func TestRebindingOfAName(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skipf("there is only one loopback address here: %v", err)
	}
	var allowed, inside atomic.Int32
	count := func(n *atomic.Int32) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			n.Add(1)
			w.Header().Set("Connection", "close")
		})
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	serve(t, listener, count(&allowed))
	private, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Skip(err)
	}
	serve(t, private, count(&inside))
	for _, way := range ways {
		z := &zone{queries: map[string]int{}, names: map[string][]string{"shop.test": {"127.0.0.2", "127.0.0.1", "127.0.0.2", "127.0.0.2 127.0.0.1", "127.0.0.1"}}}
		rules := way.rules
		rules.PublicOnly, rules.Allow = true, []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
		transport := newTransport(rules, z.resolver())
		allowed.Store(0)
		for range 100 {
			_ = try(t, transport, way.way, "http://shop.test:"+port+"/")
		}
		if allowed.Load() == 0 {
			t.Errorf("%s: the allowed address was never reached", way.name)
		}
		transport.CloseIdleConnections()
	}
	if n := inside.Load(); n > 0 {
		t.Errorf("%d connections to an address that is not allowed", n)
	}
}

func serve(t *testing.T, l net.Listener, h http.Handler) {
	t.Helper()
	s := &http.Server{Handler: h, ErrorLog: discard, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close() })
}

func TestProxies(t *testing.T) {
	var proxied, direct atomic.Int32
	proxy := listen(t, func(conn net.Conn) { proxied.Add(1); conn.Read(make([]byte, 4096)); fmt.Fprint(conn, ok) })
	target := listen(t, func(conn net.Conn) { direct.Add(1); conn.Read(make([]byte, 4096)); fmt.Fprint(conn, ok) })
	_, port, _ := net.SplitHostPort(target)
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "http://"+proxy)
	}
	for _, name := range []string{"NO_PROXY", "no_proxy", "REQUEST_METHOD"} {
		t.Setenv(name, "")
	}
	z := &zone{queries: map[string]int{}, names: map[string][]string{"shop.test": {"127.0.0.1"}}}
	for _, way := range ways {
		for _, asked := range []bool{false, true} {
			proxied.Store(0)
			direct.Store(0)
			transport := newTransport(way.rules, z.resolver())
			if asked {
				transport.follow(t, proxy)
			}
			err := try(t, transport, way.way, "http://shop.test:"+port+"/")
			transport.CloseIdleConnections()
			var setup *SetupError
			switch {
			case asked && way.way.Script != nil: // no proxy passes on what is written wrong
				if !errors.As(err, &setup) || proxied.Load()+direct.Load() != 0 {
					t.Errorf("%s: %v", way.name, err)
				}
			case err != nil || (proxied.Load() > 0) != asked || (direct.Load() > 0) == asked:
				t.Errorf("%s, asked %v: %v, %d by the proxy, %d direct", way.name, asked, err, proxied.Load(), direct.Load())
			}
		}
	}
	// With a proxy it is the proxy's address that is judged.
	transport := newTransport(Rules{PublicOnly: true}, z.resolver())
	transport.follow(t, proxy)
	proxied.Store(0)
	var refused *RefusedError
	if err := try(t, transport, Way{}, "http://shop.test/"); !errors.As(err, &refused) || proxied.Load() > 0 {
		t.Errorf("a proxy on loopback: %v", err)
	}
}

// follow is what ProxyFromEnvironment does with a program's first environment:
// net/http reads it once.
func (t *Transport) follow(test *testing.T, proxy string) {
	test.Helper()
	t.proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: proxy})
	config, err := t.config(TLS{})
	if err != nil {
		test.Fatal(err)
	}
	t.usual = t.over(config)
}

func TestSchemes(t *testing.T) {
	port, hits := canary(t)
	for _, way := range ways {
		for _, scheme := range []string{"file", "gopher", "unix", "http+unix", "ftp", "ws", "javascript", "h2c"} {
			if err := try(t, NewTransport(way.rules), way.way, scheme+"://127.0.0.1:"+port+"/"); err == nil {
				t.Errorf("%s, %s: it was sent", scheme, way.name)
			}
		}
	}
	if hits.Load() > 0 {
		t.Error("it was connected")
	}
}

func TestPorts(t *testing.T) {
	public, private := netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("10.0.0.1")
	allow := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		rules Rules
		addr  netip.Addr
		good  []uint16
		bad   []uint16
	}{
		{Rules{}, public, []uint16{22, 25, 6379, 9200, 80}, nil},
		{Rules{PublicOnly: true}, public, []uint16{80, 443, 8080, 8443}, []uint16{0, 21, 22, 23, 25, 53, 81, 3306, 5432, 6379, 9200, 11211, 65535}},
		{Rules{PublicOnly: true, Ports: []uint16{9999}}, public, []uint16{9999}, []uint16{80, 443}},
		{Rules{PublicOnly: true, Allow: allow}, private, []uint16{3000, 22}, nil},
	} {
		for _, port := range c.good {
			if reason := c.rules.refusal(netip.AddrPortFrom(c.addr, port)); reason != "" {
				t.Errorf("%+v, %d: %s", c.rules, port, reason)
			}
		}
		for _, port := range c.bad {
			if reason := c.rules.refusal(netip.AddrPortFrom(c.addr, port)); !strings.Contains(reason, fmt.Sprintf("port %d ", port)) {
				t.Errorf("%+v, %d: %q", c.rules, port, reason)
			}
		}
	}
}

// A program that sends to itself would never come to an end.
func TestOwnListenersAreNotDialled(t *testing.T) {
	own := func(s ...string) Rules {
		var r Rules
		for _, one := range s {
			r.Own = append(r.Own, netip.MustParseAddrPort(one))
		}
		return r
	}
	for _, c := range []struct {
		rules   Rules
		target  string
		refused bool
	}{
		{own("127.0.0.1:8787"), "127.0.0.1:8787", true},
		{own("127.0.0.1:8787"), "[::ffff:127.0.0.1]:8787", true},
		{own("127.0.0.1:8787"), "127.0.0.1:8788", false},
		{own("127.0.0.1:8787"), "127.0.0.2:8787", false},
		{own("[::1]:1", "127.0.0.1:8787"), "127.0.0.1:8787", true},
		{own("0.0.0.0:8787"), "127.0.0.9:8787", true},
		{own("[::]:8787"), "127.0.0.1:8787", true},
		{own("[::]:8787"), "[::1]:8787", true},
		{own("[::]:8787"), "8.8.8.8:8787", false},
		{own(), "127.0.0.1:8787", false},
	} {
		c.rules.Allow = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
		if reason := c.rules.refusal(netip.MustParseAddrPort(c.target)); (reason != "") != c.refused {
			t.Errorf("%v to %s: %q", c.rules.Own, c.target, reason)
		}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Skip(err)
	}
	for _, a := range addrs {
		if ip, ok := a.(*net.IPNet); ok {
			addr, _ := netip.AddrFromSlice(ip.IP)
			if own("0.0.0.0:8787").refusal(netip.AddrPortFrom(addr, 8787)) == "" {
				t.Errorf("%v is this machine's", addr)
			}
		}
	}
}
