package signature_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

// body has all that encoders treat differently.
var traps = []byte(`{"type":"order.created", "total": 1.0, "note":"a/b <ü€😀> \u00fc\n", "a": [1, {}, []], "empty": null}` + "\n")

// A sender of a MAC that goes wrong in one place.
type sender struct {
	hash    func() hash.Hash
	key     string
	signed  string // "{body}" and "{timestamp}" stand for themselves
	encode  func([]byte) string
	header  string
	prefix  string
	stamp   string
	body    []byte // as signed
	without []string
}

func (s sender) send() http.Header {
	m := hmac.New(s.hash, []byte(s.key))
	m.Write([]byte(strings.NewReplacer("{body}", string(s.body), "{timestamp}", s.stamp).Replace(s.signed)))
	h := http.Header{}
	h.Set(s.header, s.prefix+s.encode(m.Sum(nil)))
	h.Set("x-request-timestamp", s.stamp)
	h.Set("Content-Type", "application/json")
	for _, name := range s.without {
		h.Del(name)
	}
	return h
}

func marshalled(body []byte, indent string) []byte {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		panic(err)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", indent)
	_ = e.Encode(v)
	return bytes.TrimSpace(b.Bytes())
}

func TestExplainFindsTheMistake(t *testing.T) {
	const secret = "68756e746572322d68756e746572322d" // hex and base64 at once
	compact := `{"type":"order.created","total":1.0,"note":"a/b <ü€😀> ü\n","a":[1,{},[]],"empty":null}`
	decoded := func(encoded string) string { k, _ := base64.StdEncoding.DecodeString(encoded); return string(k) }
	unhex := func(encoded string) string { k, _ := hex.DecodeString(encoded); return string(k) }
	for _, c := range []struct {
		name   string
		change func(*sender)
		want   []string // one for each cause, in order
	}{
		{"compacted as JavaScript does", func(s *sender) {
			s.body = []byte(strings.Replace(compact, "1.0", "1", 1))
		}, []string{"compact, numbers rewritten"}},
		{"compacted", func(s *sender) { s.body = []byte(compact) }, []string{"written anew (compact)"}},
		{"compacted with a newline", func(s *sender) { s.body = []byte(compact + "\n") }, []string{"written anew (compact, with a newline at its end)"}},
		{"as Go does", func(s *sender) { s.body = marshalled(traps, "") }, []string{"compact, members sorted, numbers rewritten, < > & escaped"}},
		{"as Go does, indented", func(s *sender) { s.body = marshalled(traps, "  ") }, []string{"indented by 2 spaces, members sorted, numbers rewritten, < > & escaped"}},
		{"as Python does", func(s *sender) {
			s.body = []byte(`{"type": "order.created", "total": 1.0, "note": "a/b <\u00fc\u20ac\ud83d\ude00> \u00fc\n", "a": [1, {}, []], "empty": null}`)
		}, []string{"with spaces after , and :, non-ASCII escaped"}},
		{"as Python does, indented", func(s *sender) {
			s.body = []byte("{\n    \"type\": \"order.created\",\n    \"total\": 1.0,\n    \"note\": \"a/b <\\u00fc\\u20ac\\ud83d\\ude00> \\u00fc\\n\",\n    \"a\": [\n        1,\n        {},\n        []\n    ],\n    \"empty\": null\n}")
		}, []string{"indented by 4 spaces, non-ASCII escaped"}},
		{"as PHP does", func(s *sender) {
			s.body = []byte(`{"type":"order.created","total":1.0,"note":"a\/b <\u00fc\u20ac\ud83d\ude00> \u00fc\n","a":[1,{},[]],"empty":null}`)
		}, []string{"compact, non-ASCII and slashes escaped"}},
		{"newline lost", func(s *sender) { s.body = bytes.TrimSpace(traps) }, []string{"without the newline"}},
		{"newline added", func(s *sender) { s.body = append(bytes.Clone(traps), '\n') }, []string{"with a newline"}},
		{"CRLF", func(s *sender) { s.body = bytes.ReplaceAll(traps, []byte("\n"), []byte("\r\n")) }, []string{"line break"}},
		{"BOM", func(s *sender) { s.body = append([]byte("\ufeff"), traps...) }, []string{"byte order mark"}},
		{"nothing left of the body", func(s *sender) { s.body = nil }, []string{"empty body"}},
		{"UTF-8 read as Latin-1", func(s *sender) {
			var b []byte
			for _, c := range traps {
				b = append(b, string(rune(c))...)
			}
			s.body = b
		}, []string{"Latin-1"}},

		{"base64", func(s *sender) { s.encode = base64.StdEncoding.EncodeToString }, []string{"stands there in base64: write it in hex"}},
		{"base64 for URLs", func(s *sender) { s.encode = base64.RawURLEncoding.EncodeToString }, []string{"base64"}},
		{"base64 of hex", func(s *sender) {
			s.encode = func(mac []byte) string { return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(mac))) }
		}, []string{"base64 of the hex text"}},
		{"prefix", func(s *sender) { s.prefix = "sha256=" }, []string{`write the value as "{signature}"`}},
		{"version", func(s *sender) { s.prefix = "v1," }, []string{`write the value as "{signature}"`}},
		{"list", func(s *sender) { s.prefix = "t=17,v1=" }, []string{`write the value as "{signature}"`}},
		{"other header", func(s *sender) { s.header = "X-Hub-Signature-256" }, []string{"in the header X-Hub-Signature-256: send it in x-signature"}},
		{"cut off", func(s *sender) { s.encode = func(mac []byte) string { return hex.EncodeToString(mac)[:20] } }, []string{"ends after 20 characters"}},

		{"sha1", func(s *sender) { s.hash = sha1.New }, []string{"hmac-sha1: use hmac-sha256"}},
		{"sha512", func(s *sender) { s.hash = sha512.New }, []string{"hmac-sha512: use hmac-sha256"}},
		{"key decoded from hex", func(s *sender) { s.key = unhex(secret) }, []string{"decoded from hex: use the secret's text"}},
		{"key decoded from base64", func(s *sender) { s.key = decoded(secret) }, []string{"decoded from base64: use the secret's text"}},
		{"key with newline", func(s *sender) { s.key += "\n" }, []string{"newline at its end"}},
		{"key with space", func(s *sender) { s.key += " " }, []string{"space at its end"}},
		{"key empty", func(s *sender) { s.key = "" }, []string{"an empty one"}},

		{"no timestamp signed", func(s *sender) { s.signed = "{body}" }, []string{`"{body}": sign "{body}{timestamp}"`}},
		{"other order", func(s *sender) { s.signed = "{timestamp}{body}" }, []string{`"{timestamp}{body}"`}},
		{"with a dot", func(s *sender) { s.signed = "{body}.{timestamp}" }, []string{`"{body}.{timestamp}"`}},
		{"other order with a dot", func(s *sender) { s.signed = "{timestamp}.{body}" }, []string{`"{timestamp}.{body}"`}},
		{"milliseconds sent and signed", func(s *sender) { s.stamp += "000" }, []string{"milliseconds?"}},
		{"milliseconds signed", func(s *sender) { s.signed = "{body}{timestamp}000" }, []string{"timestamp in milliseconds: sign unix seconds"}},
		{"milliseconds sent", func(s *sender) { s.signed = "{body}1716910210"; s.stamp += "123" }, []string{"sent in milliseconds"}},
		{"no timestamp at all", func(s *sender) { s.signed = "{body}"; s.without = []string{"x-request-timestamp"} }, []string{`"{body}": sign`}},

		{"two at once", func(s *sender) { s.hash = sha1.New; s.key += "\n" }, []string{"hmac-sha1", "newline at its end"}},
		{"two at once, one in the body", func(s *sender) { s.body = []byte(compact); s.signed = "{timestamp}{body}" }, []string{`"{timestamp}{body}"`, "written anew (compact)"}},
		{"two and the spelling", func(s *sender) {
			s.body, s.encode, s.prefix, s.header, s.hash = []byte(compact), base64.StdEncoding.EncodeToString, "v1,", "Signature", sha1.New
		}, []string{"header Signature", "hmac-sha1", "written anew"}},

		{"secret is another", func(s *sender) { s.key = "another" }, []string{"the secret is another", "the body was changed"}},
		{"body is another", func(s *sender) { s.body = []byte("{}") }, []string{"the secret is another", "the body was changed"}},
		{"length of another", func(s *sender) { s.key, s.hash = "another", sha1.New }, []string{"length of hmac-sha1: use hmac-sha256", "the secret is another", "the body was changed"}},
		{"no MAC at all", func(s *sender) { s.encode = func([]byte) string { return "hello" } }, []string{"no MAC in hex or base64", "the secret is another", "the body was changed"}},
		{"no header", func(s *sender) { s.without = []string{"x-signature"} }, []string{"x-signature is not there"}},
		{"another's header", func(s *sender) { s.header = "X-Hub-Signature"; s.key = "another" }, []string{"x-signature is not there", "X-Hub-Signature looks like"}},
		{"empty header", func(s *sender) { s.encode = func([]byte) string { return "" } }, []string{"x-signature is empty"}},
		{"no timestamp header", func(s *sender) { s.without = []string{"x-request-timestamp"} }, []string{"the timestamp was not received", "the secret is another", "the body was changed"}},
	} {
		s := sender{hash: sha256.New, key: secret, signed: "{body}{timestamp}", encode: hex.EncodeToString,
			header: "x-signature", stamp: strconv.FormatInt(at.Unix(), 10), body: traps}
		c.change(&s)
		h := s.send()
		e, err := bodyAndTime.Explain(h, traps, at, signature.NewSecret(secret))
		if err != nil {
			t.Fatal(err)
		}
		if e.Finding.OK() {
			t.Errorf("%s: accepted", c.name)
		}
		if e.Received != h.Get("x-signature") {
			t.Errorf("%s: received %q", c.name, e.Received)
		}
		if len(e.Causes) != len(c.want) {
			t.Errorf("%s: causes %q, want %q", c.name, e.Causes, c.want)
			continue
		}
		for i, cause := range e.Causes {
			if !strings.Contains(cause, c.want[i]) || strings.ContainsAny(cause, "\r\n") || strings.Contains(cause, secret) {
				t.Errorf("%s: cause %q, want %q", c.name, cause, c.want[i])
			}
		}
		if !slices.Contains(s.without, "x-request-timestamp") && string(e.Signed) != string(traps)+s.stamp {
			t.Errorf("%s: signed bytes are %q", c.name, e.Signed)
		}
		right := h.Clone()
		right.Set("x-signature", e.Expected)
		right.Set("x-request-timestamp", strconv.FormatInt(at.Unix(), 10))
		if got := reason(t, bodyAndTime, right, traps, at, signature.NewSecret(secret)); got != "" && s.stamp == right.Get("x-request-timestamp") && e.Signed != nil {
			t.Errorf("%s: the expected value is refused: %s", c.name, got)
		}
	}
}

func TestExplainEncodedKeys(t *testing.T) {
	secret := secretFor(standard)
	text := secret.Reveal()
	for key, want := range map[string]string{
		text:     "decode the secret from base64 first (a leading",
		text[6:]: "decode the secret from base64 first",
	} {
		plain := standard
		plain.Key, plain.KeyPrefix = "", ""
		h := signed(t, plain, input, signature.NewSecret(key))
		e, err := standard.Explain(h, someBody, at, secret)
		if err != nil || len(e.Causes) != 1 || !strings.Contains(e.Causes[0], want) {
			t.Errorf("%q, %v, want %q", e.Causes, err, want)
		}
		if e.Expected != signed(t, standard, input).Get("webhook-signature") {
			t.Errorf("expected %q", e.Expected)
		}
	}
}

func TestExplainTimesAndDoubles(t *testing.T) {
	h := signed(t, standard, input)
	for distance, want := range map[time.Duration]string{time.Hour: "signed 1h ago", -time.Hour: "signed 1h ahead"} {
		e, err := standard.Explain(h, someBody, at.Add(distance), secretFor(standard))
		if err != nil || len(e.Causes) != 1 || !strings.Contains(e.Causes[0], want) || !strings.Contains(e.Causes[0], "the signature is right") {
			t.Errorf("%q, %v, want %q", e.Causes, err, want)
		}
	}
	twice := h.Clone()
	twice.Add("webhook-signature", "v1,x")
	e, err := standard.Explain(twice, someBody, at, secretFor(standard))
	if err != nil || len(e.Causes) != 1 || !strings.Contains(e.Causes[0], "stands 2 times") {
		t.Errorf("%q, %v", e.Causes, err)
	}
}

// What is accepted is shown, without causes.
func TestExplainAccepted(t *testing.T) {
	for _, shape := range shapes {
		h := signed(t, shape.scheme, input)
		e, err := shape.scheme.Explain(h, someBody, at, secretFor(shape.scheme))
		if err != nil || !e.Finding.OK() || len(e.Causes) != 0 || e.Expected == "" || e.Expected != e.Received {
			t.Errorf("%s: %+v, %v", shape.name, e, err)
		}
		if (e.Signed == nil) != (shape.name == "basic") {
			t.Errorf("%s: signed bytes are %q", shape.name, e.Signed)
		}
	}
}

func TestExplainTokens(t *testing.T) {
	bearer := token
	bearer.Value = "Bearer {signature}"
	right := signed(t, token, input).Get(token.Header)
	parts := strings.Split(right, ".")
	mac512 := hmac.New(sha512.New, []byte(secretFor(token).Reveal()))
	head512 := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS512"}`))
	mac512.Write([]byte(head512 + "." + parts[1]))
	hs512 := head512 + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(mac512.Sum(nil))
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	newline := signature.NewSecret(secretFor(token).Reveal() + "\n")
	less := token
	less.Claims = map[string]string{"api_url": "{url}"}
	for _, c := range []struct {
		name   string
		scheme signature.Scheme
		header http.Header
		want   []string
	}{
		{"other secret", token, signed(t, token, input, signature.NewSecret("another")), []string{"the secret is another", "the token was changed"}},
		{"newline", token, signed(t, token, input, newline), []string{"newline at its end"}},
		{"not bearer", bearer, http.Header{"X-App-Token": {right}}, []string{`write the value as "Bearer {signature}"`}},
		{"bearer", token, http.Header{"X-App-Token": {"Bearer " + right}}, []string{`write the value as "{signature}"`}},
		{"other header", token, http.Header{"Authorization": {"Bearer " + right}}, []string{"header Authorization: send it in X-APP-TOKEN"}},
		{"HS512", token, http.Header{"X-App-Token": {hs512}}, []string{`"HS512": sign with HS256`}},
		{"none", token, http.Header{"X-App-Token": {none}}, []string{`"none": sign with HS256`}},
		{"nothing", token, http.Header{}, []string{"not there: send the token"}},
		{"no token", token, http.Header{"X-App-Token": {"a.b.c"}}, []string{"send the token"}},
		{"claim missing", token, signed(t, less, input), []string{"no claim"}},
	} {
		e, err := c.scheme.Explain(c.header, someBody, at, secretFor(token))
		if err != nil || e.Finding.OK() || len(e.Causes) != len(c.want) {
			t.Errorf("%s: %+v, %v, want %q", c.name, e, err, c.want)
			continue
		}
		for i, cause := range e.Causes {
			if !strings.Contains(cause, c.want[i]) {
				t.Errorf("%s: cause %q, want %q", c.name, cause, c.want[i])
			}
		}
	}
}

func TestExplainBasic(t *testing.T) {
	for value, want := range map[string]string{
		"shop:other":        "password is another",
		"shopper:hunter2:3": "user is another",
		"shop%3Ahunter2:3":  "escapes",
		"shop:hunter2%3A3":  "escapes",
		"shop:hunter2:3\n":  "white space",
	} {
		h := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(value))}}
		e, err := basic.Explain(h, nil, at, secretFor(basic))
		if err != nil || len(e.Causes) != 1 || !strings.Contains(e.Causes[0], want) {
			t.Errorf("%q: %q, %v, want %q", value, e.Causes, err, want)
		}
	}
	for _, h := range []http.Header{{}, {"Authorization": {"Bearer x"}}, {"Authorization": {"Basic !"}}, {"Authorization": {"Basic eA==", "Basic eA=="}}} {
		if e, err := basic.Explain(h, nil, at, secretFor(basic)); err != nil || e.Finding.OK() || len(e.Causes) != 1 {
			t.Errorf("%v: %+v, %v", h, e, err)
		}
	}
}

// The work stays bounded however large and however odd the input is.
func TestExplainHostileInput(t *testing.T) {
	secret := secretFor(bodyAndTime)
	stamp := []string{"1716910210"}
	for name, body := range map[string][]byte{
		"large":       bytes.Repeat([]byte(`{"a":"ü"}`), 1<<17),
		"deep":        bytes.Repeat([]byte("["), 100_000),
		"deep object": bytes.Repeat([]byte(`{"a":`), 50_000),
		"deep, sound": []byte(strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)),
		"deep, wide":  []byte(strings.Repeat("[", 500) + strings.Repeat("1,", 100_000) + "1" + strings.Repeat("]", 500)),
		"not JSON":    []byte("\xff\xfe\x00"),
		"two values":  []byte("{} {}"),
		"empty":       nil,
		"truncated":   []byte(`{"a":[1,2`),
	} {
		for _, value := range []string{"", strings.Repeat(strings.Repeat("0", 64)+" ", 1000), strings.Repeat("=", 1<<16)} {
			h := http.Header{"X-Signature": {value}, "X-Request-Timestamp": stamp}
			e, err := bodyAndTime.Explain(h, body, at, secret)
			if err != nil || e.Finding.OK() || len(e.Causes) == 0 {
				t.Errorf("%s, %.20q: %v, %v", name, value, e.Causes, err)
			}
		}
	}
}

func BenchmarkExplainInVain(b *testing.B) {
	h := http.Header{"X-Signature": {strings.Repeat("0", 64)}, "X-Request-Timestamp": {"1716910210"}}
	for name, body := range map[string][]byte{"small": traps, "large": []byte(`[` + strings.Repeat(`{"a":"ü/<","b":1.0},`, 12000) + `0]`)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := bodyAndTime.Explain(h, body, at, secretFor(bodyAndTime)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
