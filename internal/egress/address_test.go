package egress

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// never: refused whatever the rules say. internal: refused by PublicOnly.
// public: always allowed. The list is the union of what is asked of senders
// (IANA registries, metadata services, embedding forms) and the addresses just
// outside each range.
var addresses = map[string][]string{
	"never": {
		"0.0.0.0", "0.0.0.1", "0.255.255.255", "::",
		"169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255",
		"100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254",
		"fe80::1", "fe80::1%eth0", "febf:ffff::1", "fe80::a9fe:a9fe%1",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"ff00::1", "ff02::1", "ff02::1%eth0", "ff05::2",
		"::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::ffff:0.0.0.0", "::ffff:100.100.100.200",
		"64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b:1::1", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
		"2002:a9fe:a9fe::", "2002:7f00:1::1", "2001::1", "2001:0:ffff:ffff::1",
		"::2", "::7f00:1", "::a9fe:a9fe", "::ffff:0:7f00:1", "::ffff:0:a9fe:a9fe", "fd00:ec2::254%eth0",
	},
	"internal": {
		"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::1%lo",
		"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", "::ffff:10.0.0.1",
		"100.64.0.1", "100.127.255.254", "100.100.100.199", "100.100.100.201",
		"192.0.0.1", "192.0.0.191", "192.0.2.1", "198.51.100.7", "203.0.113.255", "192.88.99.1", "198.18.0.1", "198.19.255.255",
		"fc00::1", "fd00::1", "fdff:ffff::1", "fd00:ec2::253", "fec0::1", "feff::1",
		"100::1", "2001:1::1", "2001:1ff::1", "2001:db8::1", "3fff::1", "3fff:fff::1", "5f00::1",
	},
	"public": {
		"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.254", "100.128.0.1", "126.255.255.255", "128.0.0.1",
		"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0",
		"192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
		"198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
		"168.63.129.15", "168.63.129.17", "8.8.8.8", "::ffff:8.8.8.8",
		"64:ff9a::1", "64:ff9b:0:0:0:1::1", "64:ff9b:2::1", "64:ff9c::1",
		"100:0:0:1::1", "2001:200::1", "2001:db7::1", "2001:db9::1", "2001:4860:4860::8888", "2003::1", "2606:4700::1111",
		"3ffe::1", "3fff:1000::1", "5eff::1", "5f01::1", "fbff::1", "fe00::1", "::1:0:0:1",
	},
}

// at is where a web server would listen.
func at(addr netip.Addr) netip.AddrPort { return netip.AddrPortFrom(addr, 443) }

func TestAddresses(t *testing.T) {
	allowAll := Rules{PublicOnly: true, Allow: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
	for class, list := range addresses {
		for _, address := range list {
			addr := netip.MustParseAddr(address)
			for _, c := range []struct {
				name    string
				rules   Rules
				refused bool
			}{
				{"zero rules", Rules{}, class == "never"},
				{"public only", Rules{PublicOnly: true}, class != "public"},
				{"public only, everything allowed", allowAll, class == "never"},
			} {
				reason := c.rules.refusal(at(addr))
				if (reason != "") != c.refused {
					t.Errorf("%s (%s), %s: reason %q", address, class, c.name, reason)
				}
				err := c.rules.control(t.Context(), "tcp6", net.JoinHostPort(address, "443"), nil)
				var refused *RefusedError
				if errors.As(err, &refused) != c.refused {
					t.Errorf("%s (%s), %s: control says %v", address, class, c.name, err)
				}
			}
		}
	}
}

func TestReasonsAreTheNarrowest(t *testing.T) {
	for address, want := range map[string]string{
		"169.254.169.254": "metadata", "fd00:ec2::254": "metadata", "169.254.1.1": "link-local", "fe80::1": "link-local", "255.255.255.255": "broadcast",
		"0.0.0.0": "this host", "::": "this host", "::ffff:169.254.169.254": "metadata", "127.0.0.1": "loopback", "10.0.0.1": "private", "2001::1": "Teredo",
	} {
		if reason := (Rules{PublicOnly: true}).refusal(at(netip.MustParseAddr(address))); !strings.Contains(reason, want) {
			t.Errorf("%s: %q, want %q", address, reason, want)
		}
	}
}

func TestAllowLiftsOnlyWhatItNames(t *testing.T) {
	r := Rules{PublicOnly: true, Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("::1/128")}}
	for address, refused := range map[string]bool{
		"10.1.2.3": false, "::ffff:10.1.2.3": false, "10.2.0.1": true, "::1": false, "127.0.0.1": true, "169.254.169.254": true,
	} {
		if reason := r.refusal(at(netip.MustParseAddr(address))); (reason != "") != refused {
			t.Errorf("%s: %q", address, reason)
		}
	}
}

func TestControlRefusesWhatItCannotJudge(t *testing.T) {
	for _, c := range [][2]string{{"unix", "/run/x.sock"}, {"udp4", "8.8.8.8:53"}, {"tcp4", "localhost:80"}, {"tcp4", ""}, {"tcp4", "8.8.8.8"}} {
		err := Rules{}.control(context.Background(), c[0], c[1], nil)
		var refused *RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// A name is judged by what it resolves to, at connect time.
func TestDialJudgesTheResolvedAddress(t *testing.T) {
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())

	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST", "[::ffff:127.0.0.1]"} {
		target := "http://" + host + ":" + port
		open := Client(NewTransport(Rules{}))
		answer, err := open.Get(target)
		if err != nil {
			t.Errorf("%s with the zero rules: %v", host, err)
			continue
		}
		answer.Body.Close()
		open.CloseIdleConnections()

		before := hits.Load()
		_, err = Client(NewTransport(Rules{PublicOnly: true})).Get(target)
		var refused *RefusedError
		if !errors.As(err, &refused) || !strings.Contains(refused.Reason, "loopback") {
			t.Errorf("%s with PublicOnly: %v", host, err)
		}
		var wrapped *url.Error
		if !errors.As(err, &wrapped) {
			t.Errorf("%s: not from the client: %v", host, err)
		}
		if hits.Load() != before {
			t.Errorf("%s with PublicOnly: it was connected", host)
		}
	}
	for _, host := range []string{"0.0.0.0", "[::]", "169.254.169.254", "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]", "[::ffff:0.0.0.0]", "0"} {
		_, err := Client(NewTransport(Rules{})).Get("http://" + host + ":" + port)
		var refused *RefusedError
		if !errors.As(err, &refused) && host != "0" {
			t.Errorf("%s: %v", host, err)
		}
		if err == nil {
			t.Errorf("%s: connected", host)
		}
	}
}

// A resolver that answers differently each time gains nothing: each
// connection is judged by itself, whatever was true of the last one.
func TestRebinding(t *testing.T) {
	r := Rules{PublicOnly: true}
	for i, address := range []string{"93.184.216.34:80", "127.0.0.1:80", "93.184.216.34:80", "10.0.0.1:80"} {
		if err := r.control(t.Context(), "tcp4", address, nil); (err != nil) != (i%2 == 1) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestDialIsForTCPOnly(t *testing.T) {
	transport := NewTransport(Rules{})
	for _, c := range [][2]string{{"unix", "/run/x.sock"}, {"udp", "127.0.0.1:53"}, {"tcp", ":80"}} {
		conn, err := transport.dial(t.Context(), c[0], c[1])
		var refused *RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("%v: %v, %v", c, conn, err)
		}
	}
}
