package signature

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	maxHashed    = 256 << 20 // bytes, by all attempts of one trial
	maxSpellings = 256       // readings of the received headers
	minCutOff    = 8         // characters that cannot agree by chance
)

// trial looks for a mistake that gives the received signature. Each attempt
// changes one or two things at a time: the key, the template, the algorithm or
// the body.
type trial struct {
	scheme    Scheme
	received  received
	spellings []spelling
	budget    int // bytes that may still be hashed
}

// mistake is one changed thing and what there is to say of it, "" if it is not
// changed at all.
type mistake[T any] struct {
	value T
	cause string
}

func (m mistake[T]) weight() int {
	if m.cause == "" {
		return 0
	}
	return 1
}

// run gives the causes that explain the signature with the fewest mistakes,
// and whether there are any such: none at all are needed where the signature
// is right and something else was refused.
func (t *trial) run(key []byte, secret string) (causes []string, found bool) {
	if len(t.spellings) == 0 {
		return nil, false
	}
	keys := t.scheme.otherKeys(key, secret)
	templates := t.scheme.otherTemplates(t.received.values)
	algorithms := t.scheme.otherAlgorithms()
	for mistakes := range 3 {
		for body := range otherBodies(t.received.body, mistakes) {
			for _, k := range keys {
				for _, tp := range templates {
					for _, a := range algorithms {
						if body.weight()+k.weight()+tp.weight()+a.weight() != mistakes {
							continue
						}
						if sp, ok := t.attempt(a.value, k.value, tp.value, body.value); ok {
							return t.causes(sp, a.cause, k.cause, tp.cause, body.cause), true
						}
					}
				}
			}
		}
	}
	return nil, false
}

// attempt looks whether the received signature is the one that is made so.
func (t *trial) attempt(newHash func() hash.Hash, key []byte, sign signing, body []byte) (spelling, bool) {
	if t.budget -= len(body) + 256; t.budget < 0 {
		return spelling{}, false
	}
	sign.values.body = body
	m := hmac.New(newHash, key)
	writeSigned(m, nil, sign.template, sign.values)
	mac := m.Sum(nil)
	for _, sp := range t.spellings {
		if hmac.Equal(sp.mac, mac) {
			return sp, true
		}
	}
	return spelling{}, false
}

// causes says how a right MAC is wrongly written, and then what was wrong
// with what it was made of.
func (t *trial) causes(sp spelling, others ...string) []string {
	var list []string
	switch s := t.scheme; {
	case sp.header != s.Header:
		list = append(list, fmt.Sprintf("the signature stands in the header %s: send it in %s", sp.header, s.Header))
	case sp.encoding != s.Encoding:
		list = append(list, fmt.Sprintf("the signature stands there in %s: write it in %s", sp.encoding, s.Encoding))
	case !slices.Contains(t.received.signatures, sp.text):
		list = append(list, fmt.Sprintf("the signature stands in its header in another manner: write the value as %q", s.value()))
	}
	return append(list, slices.DeleteFunc(others, func(cause string) bool { return cause == "" })...)
}

// cutOff gives the length of a received text that is the beginning of the
// expected signature, 0 if there is none.
func (t *trial) cutOff(expected string) int {
	for _, text := range t.received.signatures {
		if len(text) >= minCutOff && len(text) < len(expected) && strings.EqualFold(text, expected[:len(text)]) {
			return len(text)
		}
	}
	return 0
}

// size is the length in bytes of what stands in the scheme's own header, 0 if
// that can be no MAC.
func (t *trial) size() int {
	for _, sp := range t.spellings {
		if sp.header == t.scheme.Header {
			return len(sp.mac)
		}
	}
	return 0
}

// spelling is one way to read a MAC out of a header.
type spelling struct {
	header, text, encoding string
	mac                    []byte
}

// spellings reads everything in the headers that could be a MAC, the scheme's
// own header first.
func (s Scheme) spellings(h http.Header) []spelling {
	var all []spelling
	for _, name := range s.headerNames(h) {
		header := name
		if strings.EqualFold(name, s.Header) {
			header = s.Header
		}
		for _, value := range h[name] {
			for text := range words(value) {
				for _, d := range decoders {
					if mac, err := d.decode(text); err == nil && macNames[len(mac)] != "" {
						all = append(all, spelling{header, text, d.name, mac})
					}
				}
				if len(all) >= maxSpellings {
					return all
				}
			}
		}
	}
	return all
}

// headerNames begins with the scheme's own header.
func (s Scheme) headerNames(h http.Header) []string {
	return slices.SortedFunc(maps.Keys(h), func(a, b string) int {
		if own := strings.EqualFold(a, s.Header); own != strings.EqualFold(b, s.Header) {
			if own {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
}

// words are the value itself, its parts, and what stands behind a "=", ":" or
// space in them.
func words(value string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if !yield(value) {
			return
		}
		parts := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" ,;\"'\t", r) })
		for _, part := range parts[:min(len(parts), maxSpellings)] {
			if part != value && !yield(part) {
				return
			}
			for _, mark := range []string{"=", ":"} {
				if _, after, ok := strings.Cut(part, mark); ok && after != "" && !yield(after) {
					return
				}
			}
		}
	}
}

// decoders of a MAC; the names are what causes tells.
var decoders = []struct {
	name   string
	decode func(string) ([]byte, error)
}{
	{Hex, hex.DecodeString},
	{Base64, base64.StdEncoding.DecodeString},
	{"base64 without padding", base64.RawStdEncoding.DecodeString},
	{"URL-safe base64", func(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "=")) }},
	{"base64 of the hex text", func(s string) ([]byte, error) {
		text, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, err
		}
		return hex.DecodeString(string(text))
	}},
}

// otherKeys begins with the right key.
func (s Scheme) otherKeys(key []byte, secret string) []mistake[[]byte] {
	list := []mistake[[]byte]{{key, ""}}
	add := func(key, cause string) {
		if !slices.ContainsFunc(list, func(m mistake[[]byte]) bool { return string(m.value) == key }) {
			list = append(list, mistake[[]byte]{[]byte(key), "the signature is right for another key, " + cause})
		}
	}
	const asText, decoded = "use the secret's text as it is", "decode the secret from base64 first"
	bare := strings.TrimSpace(secret)
	if s.Key == Base64 {
		add(bare, "the secret's text: "+decoded+s.afterPrefix())
		add(strings.TrimPrefix(bare, s.KeyPrefix), "the secret's text: "+decoded)
	} else {
		add(bare, "the secret without the white space around it: remove that from the secret that is checked with")
		add(secret+"\n", "the secret with a newline at its end: cut that off where the sender reads the secret")
		add(secret+"\r\n", "the secret with a line break at its end: cut that off where the sender reads the secret")
		add(secret+" ", "the secret with a space at its end: cut that off where the sender reads the secret")
		unprefixed := bare[strings.IndexByte(bare, '_')+1:]
		add(unprefixed, "the secret without its prefix: leave the prefix in place")
		for _, text := range []string{bare, unprefixed} {
			for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
				if k, err := e.DecodeString(text); err == nil && len(k) > 0 {
					add(string(k), "the secret decoded from base64: "+asText)
				}
			}
			if k, err := hex.DecodeString(text); err == nil && len(k) > 0 {
				add(string(k), "the secret decoded from hex: "+asText)
			}
		}
	}
	add("", "an empty one: the sender has not read its secret")
	return list
}

// signing is a template and what fills it.
type signing struct {
	template string
	values   values
}

// otherTemplates begins with the right one.
func (s Scheme) otherTemplates(v values) []mistake[signing] {
	list := []mistake[signing]{{signing{s.Signed, v}, ""}}
	if !s.told(v) {
		list = nil // the right template cannot be filled
	}
	add := func(template string, v values, cause string) {
		if has(template, placeTimestamp) && v.timestamp == "" || has(template, placeID) && v.id == "" {
			return
		}
		list = append(list, mistake[signing]{signing{template, v}, "the signature is right for " + cause})
	}
	if n, err := strconv.ParseInt(v.timestamp, 10, 64); err == nil && has(s.Signed, placeTimestamp) {
		seconds, millis := v, v
		seconds.timestamp = strconv.FormatInt(n/1000, 10)
		millis.timestamp = strconv.FormatInt(n, 10) + "000"
		add(s.Signed, seconds, "the timestamp in seconds, and it is sent in milliseconds: sign and send unix seconds")
		add(s.Signed, millis, "the timestamp in milliseconds: sign unix seconds, as they are sent")
	}
	for _, template := range usualTemplates {
		if template != s.Signed {
			add(template, v, fmt.Sprintf("%q: sign %q", template, s.Signed))
		}
	}
	return list
}

// usualTemplates are what senders sign, and what they forget or exchange.
var usualTemplates = []string{
	"{body}",
	"{body}{timestamp}", "{timestamp}{body}",
	"{timestamp}.{body}", "{body}.{timestamp}",
	"{timestamp}:{body}", "v0:{timestamp}:{body}", "{timestamp}\n{body}",
	"{id}.{timestamp}.{body}", "{id}{timestamp}{body}", "{timestamp}.{id}.{body}", "{id}.{body}",
}

// otherAlgorithms begins with the right one.
func (s Scheme) otherAlgorithms() []mistake[func() hash.Hash] {
	list := []mistake[func() hash.Hash]{{hashes[s.Algorithm], ""}}
	for _, name := range []string{HMACSHA256, HMACSHA1, HMACSHA512} {
		if name != s.Algorithm {
			list = append(list, mistake[func() hash.Hash]{hashes[name],
				fmt.Sprintf("the signature is right for %s: use %s", name, s.Algorithm)})
		}
	}
	return list
}
