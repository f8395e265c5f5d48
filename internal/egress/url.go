package egress

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// URLError says why a text cannot be a target. It never repeats the text,
// which may hold credentials.
type URLError struct {
	Problem string // lower case
	Mend    string // what to write instead
}

func (e *URLError) Error() string { return "target URL: " + e.Problem }

// Hint is what to write instead.
func (e *URLError) Hint() string { return e.Mend }

const exampleURL = "write it like http://localhost:8080/webhooks"

// CheckURL reads a target: http or https, a host, no spaces or control
// characters, a port between 1 and 65535 if there is one. Credentials before
// the host are allowed. It is a courtesy to the user and no protection:
// addresses are judged when they are dialled. The error is a *URLError.
func CheckURL(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, &URLError{"it is empty", exampleURL}
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return nil, &URLError{"it holds a space or a control character", "remove it, or write it as %20 within the path"}
	}
	if strings.Contains(raw, `\`) {
		return nil, &URLError{"it holds a backslash", "write / instead"}
	}
	u, err := url.Parse(raw)
	if err != nil {
		if !strings.Contains(raw, "://") {
			return nil, &URLError{"it has no scheme", "put http:// or https:// before it"}
		}
		return nil, &URLError{"it cannot be read", exampleURL}
	}
	switch {
	case u.Scheme == "" || hostTakenForScheme(u):
		return nil, &URLError{"it has no scheme", "put http:// or https:// before it"}
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &URLError{"the scheme " + strconv.Quote(u.Scheme) + " is not http or https", exampleURL}
	case u.Hostname() == "":
		return nil, &URLError{"it has no host", exampleURL}
	case u.Fragment != "":
		return nil, &URLError{"it has a fragment, which is never sent", "leave out the # and what follows"}
	}
	if err := checkPort(u); err != nil {
		return nil, err
	}
	if err := checkHost(u); err != nil {
		return nil, err
	}
	return u, nil
}

// hostTakenForScheme: "localhost:8080/x" is a URL with the scheme "localhost".
func hostTakenForScheme(u *url.URL) bool {
	return u.Opaque != "" && '0' <= u.Opaque[0] && u.Opaque[0] <= '9'
}

func checkPort(u *url.URL) error {
	port := u.Port()
	if port == "" {
		if strings.HasSuffix(u.Host, ":") {
			return &URLError{"there is no port after the colon", "name the port or leave out the colon"}
		}
		return nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return &URLError{"the port " + strconv.Quote(port) + " is not between 1 and 65535", exampleURL}
	}
	return nil
}

// checkHost refuses spellings of addresses that resolvers read in different
// ways: 127.1, 0x7f.0.0.1, 2130706433, 127.0.0.1 with a dot at its end.
func checkHost(u *url.URL) error {
	host := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		if addr, err := netip.ParseAddr(host); err != nil || !addr.Is6() {
			return &URLError{"brackets hold an IPv6 address only", "leave out the brackets, or write it like http://[::1]:8080/"}
		}
		return nil
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	if strings.ContainsFunc(host, looksAlike) {
		return &URLError{"the host holds characters that only look like letters, digits or dots", "type it again on a plain keyboard"}
	}
	name := strings.TrimSuffix(host, ".")
	last := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	if last == "" {
		return &URLError{"the host " + strconv.Quote(host) + " has an empty label", exampleURL}
	}
	if digits := strings.TrimPrefix(last, "0x"); digits != last && strings.Trim(digits, "0123456789abcdef") == "" ||
		strings.Trim(last, "0123456789") == "" {
		return &URLError{"the host " + strconv.Quote(host) + " is neither a name nor an IP address", "write an address like 127.0.0.1 in full"}
	}
	return nil
}

// looksAlike finds what IDNA makes plain ASCII of: digits and letters in
// circles or of full width, and the dots of East Asian texts. Real names in
// other scripts hold none.
func looksAlike(r rune) bool {
	switch {
	case r < 0x80:
		return false
	case r == 0x3002 || 0xff00 <= r && r <= 0xffef || 0x2460 <= r && r <= 0x24ff || 0x1d400 <= r && r <= 0x1d7ff:
		return true
	}
	return unicode.IsNumber(r)
}
