package registration

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rules are what a provider demands of its registrations and no contract says.
// Sources: docs/registration.md. The zero rules are for contracts of users.
type rules struct {
	url       urlRules
	single    bool   // a registration has one event
	noEvents  bool   // or none
	oncePer   bool   // an event can be registered once
	uuids     bool   // ids are UUIDs; otherwise they are numbers
	sharedKey string // name of the secret that signs for all registrations, made where it does not exist
	// wants reports whether an event that was registered passes the filters of a registration, by its Extra; nil: there are none
	wants func(extra json.RawMessage, body []byte) bool
}

// id spells the n-th id as the provider spells its own.
func (r rules) id(n uint64) string {
	if r.uuids {
		return newUUID()
	}
	return strconv.FormatUint(n, 10)
}

type urlRules struct {
	https bool  // nothing else
	ports []int // nil: any
	max   int   // characters; 0: maxURL
}

const (
	maxURL    = 8192 // bytes of any URL, whoever the provider is
	maxEvents = 1000 // of one registration

	maxEventName = 500 // bytes; no contract has one near it
)

var rulesOf = map[string]rules{
	shoptetName: {
		url:       urlRules{ports: []int{80, 8080, 443, 8443}, max: 2000},
		single:    true,
		oncePer:   true,
		sharedKey: shoptetKey,
	},
	xentralName:      {url: urlRules{https: true, max: 255}, noEvents: true},
	scayleName:       {single: true, wants: scayleWants},
	sellercenterName: {uuids: true},
	ergonodeName:     {uuids: true},
}

// check says what is wrong with a URL, and which rule was waived. Relaxing
// waives scheme and port, which stand between a provider and a receiver under
// development, and nothing else.
func (r urlRules) check(raw string, relaxed bool) (waived string, refused *RefusedError) {
	bad := func(format string, args ...any) (string, *RefusedError) {
		return "", refuse(KindURL, "url", format, args...)
	}
	switch {
	case raw == "":
		return "", refuse(KindMissing, "url", "the URL is missing")
	case len(raw) > maxURL:
		return bad("the URL has %d bytes, %d is the most", len(raw), maxURL)
	case r.max > 0 && utf8.RuneCountInString(raw) > r.max:
		return bad("the URL has %d characters, %d is the most", utf8.RuneCountInString(raw), r.max)
	case !utf8.ValidString(raw) || strings.ContainsFunc(raw, func(c rune) bool { return unicode.IsControl(c) || unicode.IsSpace(c) }):
		return bad("the URL holds spaces or control characters")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return bad("this is no URL") // the error would repeat credentials
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return bad("the URL must be absolute and begin with http:// or https://")
	}
	port, err := portOf(u)
	if err != nil {
		return bad("%v", err)
	}
	var broken []string
	if r.https && u.Scheme != "https" {
		broken = append(broken, "only https is taken")
	}
	if r.ports != nil && !slices.Contains(r.ports, port) {
		broken = append(broken, fmt.Sprintf("port %d is not one of %s", port, joinInts(r.ports)))
	}
	reason := strings.Join(broken, "; ")
	if reason != "" && !relaxed {
		return bad("the URL is refused: %s", reason)
	}
	return reason, nil
}

func portOf(u *url.URL) (int, error) {
	switch text := u.Port(); {
	case text != "":
		port, err := strconv.Atoi(text)
		if err != nil || port < 1 || port > 65535 {
			return 0, fmt.Errorf("%q is no port", text)
		}
		return port, nil
	case u.Scheme == "https":
		return 443, nil
	default:
		return 80, nil
	}
}

func joinInts(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}
