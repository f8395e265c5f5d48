package signature

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// SchemeError says what is unsound in a Scheme. Member is the name as it
// stands in a contract, such as "timestampHeader".
type SchemeError struct{ Member, Problem string }

func (e *SchemeError) Error() string { return "signature: " + e.Member + ": " + e.Problem }

func unsound(member, problem string, args ...any) error {
	return &SchemeError{member, fmt.Sprintf(problem, args...)}
}

// Check says whether the scheme itself is sound: a known algorithm, known
// placeholders, a header where one is needed, nothing signed that the receiver
// is not told, nothing left over that would have no effect. The error is a
// *SchemeError.
func (s Scheme) Check() error {
	switch s.Algorithm {
	case "", None:
		return s.onlyUses("a scheme without a signature")
	case HMACSHA1, HMACSHA256, HMACSHA512:
		return s.checkMAC()
	case JWTHS256:
		return s.checkToken()
	case Basic:
		return s.checkBasic()
	}
	names := []string{None, HMACSHA1, HMACSHA256, HMACSHA512, JWTHS256, Basic}
	return unsound("algorithm", "%q is unknown, the nearest is %q; there are %s",
		s.Algorithm, nearest(s.Algorithm, names), strings.Join(names, ", "))
}

func (s Scheme) checkMAC() error {
	if err := s.onlyUses("a MAC", "signed", "encoding", "header", "value", "separator",
		"timestampHeader", "idHeader", "key", "keyPrefix", "tolerance"); err != nil {
		return err
	}
	switch {
	case s.Signed == "":
		return unsound("signed", `it is missing: say which bytes are signed, for example "{body}"`)
	case s.Encoding == "":
		return unsound("encoding", "it is missing: hex or base64")
	case s.Encoding != Hex && s.Encoding != Base64:
		return unsound("encoding", "%q is unknown; there are hex and base64", s.Encoding)
	}
	if err := checkPlaceholders("signed", s.Signed, placeBody, placeTimestamp, placeID); err != nil {
		return err
	}
	if !has(s.Signed, placeBody) {
		return unsound("signed", "it has no {body}: the signature would hold for any body")
	}
	for _, name := range [...]string{placeTimestamp, placeID} {
		if has(s.Signed, name) && !s.sends(name) {
			return unsound("signed", "{%s} is signed and sent nowhere: give %sHeader or put it into value", name, name)
		}
	}
	if s.Tolerance < 0 {
		return unsound("tolerance", "%v is negative", s.Tolerance)
	}
	if s.Tolerance > 0 && !s.sends(placeTimestamp) {
		return unsound("tolerance", "it needs a timestamp: give timestampHeader or put {timestamp} into value")
	}
	if err := s.checkKey(); err != nil {
		return err
	}
	return s.checkHeaders()
}

func (s Scheme) checkToken() error {
	if err := s.onlyUses("a token (its body is not signed)", "header", "value", "separator", "key", "keyPrefix", "claims",
		"timestampHeader", "idHeader"); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(s.Claims)) {
		if err := checkClaim(name, s.Claims[name]); err != nil {
			return err
		}
	}
	if err := s.checkKey(); err != nil {
		return err
	}
	return s.checkHeaders()
}

func (s Scheme) checkBasic() error {
	if s.Header != "" && !strings.EqualFold(s.Header, "Authorization") {
		return unsound("header", "%q: basic credentials travel in Authorization", s.Header)
	}
	return s.onlyUses("basic credentials", "header", "optional")
}

// onlyUses refuses members that have no effect: most often they belong to an
// algorithm that was forgotten or misread.
func (s Scheme) onlyUses(what string, members ...string) error {
	for _, m := range [...]struct {
		name string
		set  bool
	}{
		{"signed", s.Signed != ""}, {"encoding", s.Encoding != ""}, {"header", s.Header != ""},
		{"value", s.Value != ""}, {"separator", s.Separator != ""}, {"timestampHeader", s.TimestampHeader != ""},
		{"idHeader", s.IDHeader != ""}, {"key", s.Key != ""}, {"keyPrefix", s.KeyPrefix != ""},
		{"tolerance", s.Tolerance != 0}, {"claims", len(s.Claims) != 0}, {"optional", s.Optional},
	} {
		if m.set && !slices.Contains(members, m.name) {
			return unsound(m.name, "it has no meaning for %s (algorithm %q)", what, s.Algorithm)
		}
	}
	return nil
}

func (s Scheme) checkKey() error {
	switch {
	case s.Key != "" && s.Key != Text && s.Key != Base64:
		return unsound("key", "%q is unknown; there are text and base64", s.Key)
	case s.KeyPrefix != "" && s.Key != Base64:
		return unsound("keyPrefix", "it is cut off before a key is decoded, and key is not base64")
	}
	return nil
}

// checkHeaders judges where the signature and its companions travel.
func (s Scheme) checkHeaders() error {
	if s.Header == "" {
		return unsound("header", "it is missing: say which header carries the signature")
	}
	headers := [...]struct{ member, name string }{
		{"header", s.Header}, {"timestampHeader", s.TimestampHeader}, {"idHeader", s.IDHeader},
	}
	for i, h := range headers {
		switch {
		case h.name == "":
		case !isToken(h.name):
			return unsound(h.member, "%q is no header name", h.name)
		case slices.ContainsFunc(reservedHeaders, func(r string) bool { return strings.EqualFold(r, h.name) }):
			return unsound(h.member, "%q belongs to HTTP itself", h.name)
		}
		for _, other := range headers[:i] {
			if h.name != "" && strings.EqualFold(h.name, other.name) {
				return unsound(h.member, "%q is taken by %s", h.name, other.member)
			}
		}
	}
	return s.checkValue()
}

// reservedHeaders would break the request if a signature stood in them.
var reservedHeaders = []string{"Host", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Connection",
	"Trailer", "Upgrade", "Te", "Expect", "Keep-Alive", "Proxy-Connection"}

func (s Scheme) checkValue() error {
	value := s.value()
	if err := checkPlaceholders("value", value, placeSignature, placeTimestamp, placeID); err != nil {
		return err
	}
	if i := strings.IndexFunc(value+s.Separator, func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
		return unsound("value", "a header holds printable ASCII only")
	}
	// Letters, digits and these stand in signatures and tokens themselves.
	if strings.ContainsFunc(s.Separator, func(r rune) bool { return isAlphanumeric(r) || strings.ContainsRune("+/=-_.{}", r) }) {
		return unsound("separator", "%q may stand inside a signature", s.Separator)
	}
	counts := map[string]int{}
	for piece := range s.pieces(value) {
		before := "start"
		for piece != "" {
			literal, name, rest := cut(piece)
			if name == "" {
				break
			}
			if literal == "" && before == "" {
				return unsound("value", "{%s} follows another placeholder directly: nobody can tell them apart", name)
			}
			counts[name]++
			before, piece = "", rest
		}
	}
	if counts[placeTimestamp] > 0 && s.TimestampHeader != "" {
		return unsound("timestampHeader", "{timestamp} already travels in value")
	}
	if counts[placeID] > 0 && s.IDHeader != "" {
		return unsound("idHeader", "{id} already travels in value")
	}
	for _, name := range [...]string{placeSignature, placeTimestamp, placeID} {
		if counts[name] > 1 {
			return unsound("value", "{%s} stands more than once", name)
		}
	}
	if counts[placeSignature] == 0 {
		return unsound("value", "it has no {signature}")
	}
	return nil
}

// sends reports whether {timestamp} or {id} reaches the receiver.
func (s Scheme) sends(name string) bool {
	if name == placeTimestamp && s.TimestampHeader != "" || name == placeID && s.IDHeader != "" {
		return true
	}
	return has(s.value(), name)
}

// needs reports whether signing depends on {timestamp} or {id}.
func (s Scheme) needs(name string) bool { return s.sends(name) || has(s.Signed, name) }

func checkPlaceholders(member, template string, known ...string) error {
	for template != "" {
		literal, name, rest := cut(template)
		if strings.ContainsAny(literal, "{}") {
			return unsound(member, "a brace without its partner in %q", literal)
		}
		if name == "" && rest == "" && !strings.HasSuffix(template, "{}") {
			break
		}
		if !slices.Contains(known, name) {
			return unsound(member, "{%s} is unknown, the nearest is {%s}; there are {%s}",
				name, nearest(name, known), strings.Join(known, "}, {"))
		}
		template = rest
	}
	return nil
}

func checkClaim(name, template string) error {
	member := "claims." + name
	switch name {
	case "":
		return unsound("claims", "a claim has no name")
	case "iat", "nbf", "exp":
		if _, ok := claimOffset(template); !ok {
			return unsound(member, `%q is no time: write "{timestamp}" or "{timestamp+5m}"`, template)
		}
		return nil
	}
	if _, ok := claimOffset(template); ok {
		return nil
	}
	return checkPlaceholders(member, template, placeUUID, placeID, placeURL, placeTimestamp)
}

// claimOffset reads a claim that is a time: "{timestamp}" or "{timestamp+5m}".
func claimOffset(template string) (time.Duration, bool) {
	name, ok := strings.CutPrefix(template, "{"+placeTimestamp)
	if !ok {
		return 0, false
	}
	if name, ok = strings.CutSuffix(name, "}"); !ok {
		return 0, false
	}
	if name == "" {
		return 0, true
	}
	if name[0] != '+' && name[0] != '-' {
		return 0, false
	}
	offset, err := time.ParseDuration(name)
	return offset, err == nil
}

// isToken reports whether s may name a header (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !isAlphanumeric(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

func isAlphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// nearest is the known word that begins with word, or the one with the fewest
// edits to it.
func nearest(word string, known []string) string {
	for _, k := range known {
		if len(word) > 1 && strings.HasPrefix(k, word) {
			return k
		}
	}
	return slices.MinFunc(known, func(a, b string) int { return edits(word, a) - edits(word, b) })
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
