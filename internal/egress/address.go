package egress

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// Sources of the two tables: the IANA special-purpose address registries for
// IPv4 and IPv6 (RFC 6890 and its updates), and the clouds' own documents for
// the addresses of their metadata services.

type block struct {
	prefix netip.Prefix
	reason string
}

// forbidden addresses are refused whatever the rules say. The first match
// gives the reason.
var forbidden = blocks(
	"169.254.169.254/32", "it is a cloud metadata service",
	"100.100.100.200/32", "it is a cloud metadata service",
	"192.0.0.192/32", "it is a cloud metadata service",
	"168.63.129.16/32", "it is a cloud metadata service",
	"fd00:ec2::254/128", "it is a cloud metadata service",
	"fd20:ce::254/128", "it is a cloud metadata service",
	"169.254.0.0/16", "it is link-local",
	"fe80::/10", "it is link-local",
	"0.0.0.0/8", "it means this host without naming it",
	"::/128", "it means this host without naming it",
	"224.0.0.0/4", "it is multicast",
	"ff00::/8", "it is multicast",
	"255.255.255.255/32", "it is broadcast",
	"240.0.0.0/4", "it is reserved",
	"64:ff9b::/96", "it carries an IPv4 address (NAT64)",
	"64:ff9b:1::/48", "it carries an IPv4 address (NAT64)",
	"2002::/16", "it carries an IPv4 address (6to4)",
	"2001::/32", "it carries an IPv4 address (Teredo)",
	"::ffff:0:0:0/96", "it carries an IPv4 address (IPv4-translated)",
)

// embedded is apart from forbidden because ::1 lies in it.
var embedded = netip.MustParsePrefix("::/96")

// internal addresses are not reachable from everywhere: PublicOnly refuses
// them.
var internal = blocks(
	"127.0.0.0/8", "it is loopback",
	"::1/128", "it is loopback",
	"10.0.0.0/8", "it is private",
	"172.16.0.0/12", "it is private",
	"192.168.0.0/16", "it is private",
	"fc00::/7", "it is private",
	"fec0::/10", "it is private (site-local)",
	"100.64.0.0/10", "it is shared address space of a carrier",
	"192.0.0.0/24", "it is reserved for protocols",
	"192.0.2.0/24", "it is reserved for documentation",
	"198.51.100.0/24", "it is reserved for documentation",
	"203.0.113.0/24", "it is reserved for documentation",
	"2001:db8::/32", "it is reserved for documentation",
	"3fff::/20", "it is reserved for documentation",
	"192.88.99.0/24", "it is a 6to4 relay",
	"198.18.0.0/15", "it is reserved for benchmarks",
	"100::/64", "it is a black hole",
	"2001::/23", "it is reserved for protocols",
	"5f00::/16", "it is reserved for segment routing",
)

func blocks(pairs ...string) []block {
	list := make([]block, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, block{netip.MustParsePrefix(pairs[i]), pairs[i+1]})
	}
	return list
}

// webPorts are where web servers listen. Behind the others of a public address
// are mail servers and databases, which a sender of text can be made to talk to.
var webPorts = []uint16{80, 443, 8080, 8443}

// refusal says why a connection may not be made, "" if it may.
func (r Rules) refusal(target netip.AddrPort) string {
	// A prefix never contains an address with a zone, and an IPv4 address
	// inside ::ffff:0:0/96 is reached as IPv4.
	addr := target.Addr().Unmap().WithZone("")
	for _, b := range forbidden {
		if b.prefix.Contains(addr) {
			return b.reason
		}
	}
	if embedded.Contains(addr) && !addr.IsLoopback() {
		return "it carries an IPv4 address (IPv4-compatible)"
	}
	if r.isOwn(addr, target.Port()) {
		return "this program listens there itself"
	}
	if !r.PublicOnly {
		return ""
	}
	for _, p := range r.Allow {
		if p.Contains(addr) {
			return ""
		}
	}
	for _, b := range internal {
		if b.prefix.Contains(addr) {
			return b.reason
		}
	}
	ports := r.Ports
	if ports == nil {
		ports = webPorts
	}
	if !slices.Contains(ports, target.Port()) {
		return fmt.Sprintf("port %d is none of %v", target.Port(), ports)
	}
	return ""
}

// isOwn: a listener on no address in particular has all of this machine's.
func (r Rules) isOwn(addr netip.Addr, port uint16) bool {
	for _, own := range r.Own {
		switch {
		case own.Port() != port:
		case own.Addr().Unmap().WithZone("") == addr:
			return true
		case own.Addr().IsUnspecified() && (addr.IsLoopback() || isLocal(addr)):
			return true
		}
	}
	return false
}

// isLocal reports whether an interface of this machine has the address.
func isLocal(addr netip.Addr) bool {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return true // nobody can tell: then rather not
	}
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		ip, ok := a.(*net.IPNet)
		if !ok {
			return false
		}
		have, _ := netip.AddrFromSlice(ip.IP)
		return have.Unmap() == addr
	})
}

// dial refuses what some systems turn into loopback before control sees it:
// no address at all.
func (r Rules) dial(dialer *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err == nil && host == "" {
			return nil, &RefusedError{address, "there is no host"}
		}
		if addr, err := netip.ParseAddr(host); err == nil && addr.IsUnspecified() {
			return nil, &RefusedError{address, r.refusal(netip.AddrPortFrom(addr, 0))}
		}
		return dialer.DialContext(ctx, network, address)
	}
}

// control is called with the address that the socket is about to connect to.
func (r Rules) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return &RefusedError{address, "the network is " + network + ", not tcp"}
	}
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return &RefusedError{address, "it cannot be judged"}
	}
	if reason := r.refusal(target); reason != "" {
		return &RefusedError{address, reason}
	}
	return nil
}
