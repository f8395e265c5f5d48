package signature_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
	"pgregory.net/rapid"
)

// signed are the headers of input under a scheme.
func signed(t testing.TB, s signature.Scheme, in signature.Input, secrets ...signature.Secret) http.Header {
	t.Helper()
	if len(secrets) == 0 {
		secrets = []signature.Secret{secretFor(s)}
	}
	h, err := s.Sign(in, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// reason is what Verify finds.
func reason(t testing.TB, s signature.Scheme, h http.Header, body []byte, now time.Time, secrets ...signature.Secret) string {
	t.Helper()
	if len(secrets) == 0 {
		secrets = []signature.Secret{secretFor(s)}
	}
	finding, err := s.Verify(h, body, now, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	if finding.OK() != (finding.Detail == "") || strings.Contains(finding.Detail, "\n") {
		t.Errorf("detail of %q: %q", finding.Reason, finding.Detail)
	}
	return finding.Reason
}

func TestEveryShapeGoesRound(t *testing.T) {
	for _, shape := range shapes {
		h := signed(t, shape.scheme, input)
		if got := reason(t, shape.scheme, h, someBody, at); got != "" {
			t.Errorf("%s: %s: %v", shape.name, got, h)
		}
		other := signature.NewSecret(strings.Replace(secretFor(shape.scheme).Reveal(), "a", "b", 1) + "x")
		if shape.scheme.Key == signature.Base64 {
			other = signature.NewSecret("whsec_" + base64.StdEncoding.EncodeToString([]byte("another")))
		}
		if got := reason(t, shape.scheme, h, someBody, at, other); got != signature.ReasonMismatch {
			t.Errorf("%s with another secret: %q", shape.name, got)
		}
		for name := range h {
			less := h.Clone()
			less.Del(name)
			if got := reason(t, shape.scheme, less, someBody, at); got != signature.ReasonMissing {
				t.Errorf("%s without %s: %q", shape.name, name, got)
			}
			twice := h.Clone()
			twice.Add(name, h.Get(name))
			if got := reason(t, shape.scheme, twice, someBody, at); got != signature.ReasonAmbiguous {
				t.Errorf("%s with %s twice: %q", shape.name, name, got)
			}
			split := h.Clone()
			split[strings.ToLower(name)] = []string{"other"}
			if got := reason(t, shape.scheme, split, someBody, at); got != signature.ReasonAmbiguous {
				t.Errorf("%s with %s in two cases: %q", shape.name, name, got)
			}
			empty := h.Clone()
			empty.Set(name, "")
			if got := reason(t, shape.scheme, empty, someBody, at); got != signature.ReasonMalformed {
				t.Errorf("%s with %s empty: %q", shape.name, name, got)
			}
			lower := http.Header{}
			for n, values := range h {
				lower[strings.ToLower(n)] = values
			}
			if got := reason(t, shape.scheme, lower, someBody, at); got != "" {
				t.Errorf("%s with lower-case names: %q", shape.name, got)
			}
		}
		if shape.scheme.Signed != "" {
			for i := range someBody {
				changed := append([]byte{}, someBody...)
				changed[i] ^= 1
				if got := reason(t, shape.scheme, h, changed, at); got != signature.ReasonMismatch {
					t.Errorf("%s with byte %d changed: %q", shape.name, i, got)
				}
			}
		}
	}
}

// Whatever part of what is signed changes, the signature is refused.
func TestSignedMetadata(t *testing.T) {
	h := signed(t, standard, input)
	for name, value := range map[string]string{"Webhook-Id": "msg_18", "Webhook-Timestamp": "1716910211"} {
		changed := h.Clone()
		changed.Set(name, value)
		if got := reason(t, standard, changed, someBody, at); got != signature.ReasonMismatch {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestSpellings(t *testing.T) {
	const mac = "67b9db5fbe8add6c5b073f42091f593e994de32c83741573015442c154214bcf"
	scheme := bodyAndTime
	secret := signature.NewSecret("e4nRJ04Ss2m3EkQxn19V")
	body := []byte(`{"type":"com.xentral.salesOrder.protocolCreated.v1","body":{"createdAt":"2024-05-28T17:30:07+02:00","salesOrderId":169,"salesOrderProtocolId":586}}`)
	for value, want := range map[string]string{
		mac:                  "",
		strings.ToUpper(mac): "",
		"":                   signature.ReasonMalformed,
		mac[:63]:             signature.ReasonMalformed,
		mac[:62]:             signature.ReasonMalformed,
		mac[:2]:              signature.ReasonMalformed,
		mac + "00":           signature.ReasonMalformed,
		" " + mac:            signature.ReasonMalformed,
		mac + " ":            signature.ReasonMalformed,
		"sha256=" + mac:      signature.ReasonMalformed,
		"v1," + mac:          signature.ReasonMalformed,
		"0x" + mac[2:]:       signature.ReasonMalformed,
		mac + "," + mac:      signature.ReasonMalformed,
		"Z7nbX76K3WxbBz9CCR9ZPplN4yyDdBVzAVRCwVQhS88=": signature.ReasonMalformed,
		strings.Repeat("0", 64):                        signature.ReasonMismatch,
		"77" + mac[2:]:                                 signature.ReasonMismatch,
		mac[:62] + "ce":                                signature.ReasonMismatch,
	} {
		h := http.Header{"X-Signature": {value}, "X-Request-Timestamp": {"1716910210"}}
		if got := reason(t, scheme, h, body, at, secret); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

func TestTimestamps(t *testing.T) {
	for text, want := range map[string]string{
		"1716910210": "", "1716910211": signature.ReasonMismatch,
		"": signature.ReasonMalformed, "abc": signature.ReasonMalformed, "-1": signature.ReasonMalformed, "+1716910210": signature.ReasonMalformed,
		"01716910210": signature.ReasonMalformed, "1716910210.0": signature.ReasonMalformed, "1.7e9": signature.ReasonMalformed,
		"1716910210000": signature.ReasonMalformed, "9223372036854775808": signature.ReasonMalformed, "9223372036854775807": signature.ReasonMalformed,
		" 1716910210": signature.ReasonMalformed, "1716910210 ": signature.ReasonMalformed, "2024-05-28T15:30:10Z": signature.ReasonMalformed,
		"１７１６９１０２１０": signature.ReasonMalformed, "0": signature.ReasonMismatch,
	} {
		h := signed(t, bodyAndTime, input)
		h.Set("x-request-timestamp", text)
		if got := reason(t, bodyAndTime, h, someBody, at); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTolerance(t *testing.T) {
	h := signed(t, standard, input)
	for distance, want := range map[time.Duration]string{
		0: "", 5 * time.Minute: "", -5 * time.Minute: "",
		5*time.Minute + 1: signature.ReasonStale, -5*time.Minute - 1: signature.ReasonFuture,
		24 * time.Hour: signature.ReasonStale, -24 * time.Hour: signature.ReasonFuture, 200 * 365 * 24 * time.Hour: signature.ReasonStale,
	} {
		if got := reason(t, standard, h, someBody, at.Add(distance)); got != want {
			t.Errorf("%v later: %q, want %q", distance, got, want)
		}
	}
	none := standard
	none.Tolerance = 0
	if got := reason(t, none, h, someBody, at.Add(24*time.Hour)); got != "" {
		t.Errorf("no tolerance is sourced: %q", got)
	}
	if got := reason(t, standard, h, append(someBody, ' '), at.Add(24*time.Hour)); got != signature.ReasonMismatch {
		t.Errorf("a wrong signature is a mismatch whatever its time: %q", got)
	}
}

func TestRotation(t *testing.T) {
	before := signature.NewSecret("whsec_" + base64.StdEncoding.EncodeToString([]byte("the old secret")))
	after := signature.NewSecret("whsec_" + base64.StdEncoding.EncodeToString([]byte("the new secret")))
	both := signed(t, standard, input, signature.Secret{}, before, after)
	value := both.Get("webhook-signature")
	if strings.Count(value, "v1,") != 2 || strings.Count(value, " ") != 1 {
		t.Fatalf("two secrets sign as %q", value)
	}
	for _, secrets := range [][]signature.Secret{{before}, {after}, {before, after}, {after, {}, before}} {
		if got := reason(t, standard, both, someBody, at, secrets...); got != "" {
			t.Errorf("%q", got)
		}
	}
	good := signed(t, standard, input, after).Get("webhook-signature")
	bad := signed(t, standard, signature.Input{Body: []byte("x"), ID: "msg_17", Time: at}, after).Get("webhook-signature")
	for value, want := range map[string]string{
		bad + " " + good:                   "",
		good + " " + bad:                   "",
		"v9,zzz " + good:                   "",
		"v9," + good[3:] + " " + good:      "",
		good + " ":                         "",
		"  " + good:                        "",
		"v1a,zzz v1, " + good:              "",
		strings.Repeat(bad+" ", 50) + good: "",
		bad:                                signature.ReasonMismatch,
		bad + " v1,xxx":                    signature.ReasonMismatch,
		"v9," + good[3:]:                   signature.ReasonMalformed,
		"v1a," + good[3:]:                  signature.ReasonMalformed,
		"V1," + good[3:]:                   signature.ReasonMalformed,
		good[3:]:                           signature.ReasonMalformed,
		"v1,":                              signature.ReasonMalformed,
		"v1":                               signature.ReasonMalformed,
		"v1," + good[3:20]:                 signature.ReasonMalformed,
		"v1,v1," + good[3:]:                signature.ReasonMalformed,
		good + ",":                         signature.ReasonMalformed,
		" ":                                signature.ReasonMalformed,
		strings.TrimRight(good, "="):       signature.ReasonMalformed,
	} {
		h := both.Clone()
		h.Set("webhook-signature", value)
		if got := reason(t, standard, h, someBody, at, after); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	// The last character of base64 of 32 bytes has two bits to spare.
	last := strings.IndexByte(alphabet, good[len(good)-2])
	h := both.Clone()
	h.Set("webhook-signature", good[:len(good)-2]+string(alphabet[last+1])+"=")
	if got := reason(t, standard, h, someBody, at, after); got != signature.ReasonMalformed {
		t.Errorf("bits left over in base64: %q", got)
	}
	one := signed(t, bodyOnly, input, signature.NewSecret("a"), signature.NewSecret("b"))
	if got := reason(t, bodyOnly, one, someBody, at, signature.NewSecret("b")); got != signature.ReasonMismatch {
		t.Errorf("a scheme without separator signs with the first secret only: %q", got)
	}
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// A list of named parts, of which only the signature is repeated.
func TestListedParts(t *testing.T) {
	before, after := signature.NewSecret("before"), signature.NewSecret("after")
	value := signed(t, listed, input, before, after).Get("X-Signature")
	parts := strings.Split(value, ",")
	if len(parts) != 3 || parts[0] != "t=1716910210" || !strings.HasPrefix(parts[1], "v1=") || !strings.HasPrefix(parts[2], "v1=") {
		t.Fatalf("signed as %q", value)
	}
	for value, want := range map[string]string{
		value:                                 "",
		parts[0] + "," + parts[2]:             "",
		parts[2] + "," + parts[0]:             "",
		"v0=abc," + parts[0] + "," + parts[2]: "",
		parts[0] + "," + parts[1]:             signature.ReasonMismatch,
		parts[2]:                              signature.ReasonMalformed,
		parts[0]:                              signature.ReasonMalformed,
		"t=," + parts[2]:                      signature.ReasonMalformed,
		"t=1716910211," + parts[2]:            signature.ReasonMismatch,
		parts[0] + "," + parts[0] + "," + parts[2]: "",
		"t=1," + parts[0] + "," + parts[2]:         signature.ReasonAmbiguous,
		parts[0] + ", " + parts[2]:                 signature.ReasonMalformed,
	} {
		if got := reason(t, listed, http.Header{"X-Signature": {value}}, someBody, at, after); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

// Text around a signature belongs to its spelling.
func TestSurroundings(t *testing.T) {
	s := bodyOnly
	s.Value = "({signature})"
	value := signed(t, s, input).Get("X-Signature")
	for value, want := range map[string]string{
		value: "", value + "x": signature.ReasonMalformed, "x" + value: signature.ReasonMalformed, value[1:]: signature.ReasonMalformed,
		strings.TrimRight(value, ")"): signature.ReasonMalformed, "()": signature.ReasonMalformed, value + value: signature.ReasonMalformed,
	} {
		if got := reason(t, s, http.Header{"X-Signature": {value}}, someBody, at); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

// Nothing is ever accepted because a secret is missing.
func TestNoSecret(t *testing.T) {
	for _, shape := range shapes {
		strict := shape.scheme
		strict.Optional = false
		for _, secrets := range [][]signature.Secret{nil, {}, {{}}, {{}, signature.NewSecret("")}} {
			if _, err := strict.Sign(input, secrets...); !errors.Is(err, signature.ErrNoSecret) {
				t.Errorf("%s signs without a secret: %v", shape.name, err)
			}
			if _, err := strict.Verify(signed(t, strict, input), someBody, at, secrets...); !errors.Is(err, signature.ErrNoSecret) {
				t.Errorf("%s checks without a secret: %v", shape.name, err)
			}
			if _, err := strict.Explain(http.Header{}, someBody, at, signature.Secret{}); !errors.Is(err, signature.ErrNoSecret) {
				t.Errorf("%s explains without a secret: %v", shape.name, err)
			}
		}
	}
	h, err := basic.Sign(input)
	if err != nil || len(h) != 0 {
		t.Errorf("optional credentials that are not given: %v, %v", h, err)
	}
	if finding, err := basic.Verify(http.Header{}, someBody, at); err != nil || !finding.OK() {
		t.Errorf("optional credentials that are not given: %v, %v", finding, err)
	}
	if got := reason(t, basic, http.Header{}, someBody, at); got != signature.ReasonMissing {
		t.Errorf("optional credentials that are given and not sent: %q", got)
	}
}

func TestUnsignedScheme(t *testing.T) {
	for _, s := range []signature.Scheme{{}, {Algorithm: signature.None}} {
		h, err := s.Sign(signature.Input{})
		if err != nil || h == nil || len(h) != 0 || s.Signs() {
			t.Errorf("%v, %v", h, err)
		}
		if finding, err := s.Verify(nil, nil, at); err != nil || !finding.OK() {
			t.Errorf("%v, %v", finding, err)
		}
	}
}

func TestSecretsThatCannotBeUsed(t *testing.T) {
	for _, c := range []struct {
		scheme signature.Scheme
		text   string
	}{
		{standard, "whsec_hunter2!"}, {standard, "hunter2 "}, {standard, "whsec_"}, {standard, "whsec_whsec_aGk="}, {standard, "aGk"},
		{basic, "hunter2"}, {basic, "hunter2:\n"},
	} {
		good, bad := secretFor(c.scheme), signature.NewSecret(c.text)
		_, signErr := c.scheme.Sign(input, bad)
		_, verifyErr := c.scheme.Verify(signed(t, c.scheme, input), someBody, at, good, bad)
		_, explainErr := c.scheme.Explain(signed(t, c.scheme, input), someBody, at, bad)
		for i, err := range []error{signErr, verifyErr, explainErr} {
			var problem *signature.SecretError
			if !errors.As(err, &problem) {
				t.Errorf("%q: %v", c.text, err)
				continue
			}
			if strings.Contains(err.Error(), "hunter2") || problem.Index != i%2 {
				t.Errorf("%q: %v", c.text, err)
			}
		}
	}
}

func TestInputThatCannotBeSigned(t *testing.T) {
	underscored := standard
	underscored.Signed = "{id}_{timestamp}_{body}"
	for _, c := range []struct {
		scheme signature.Scheme
		change func(*signature.Input)
		ok     bool
	}{
		{standard, func(in *signature.Input) { in.ID = "" }, false},
		{standard, func(in *signature.Input) { in.ID = "a.1" }, false},
		{standard, func(in *signature.Input) { in.ID = "a.1.{}" }, false},
		{standard, func(in *signature.Input) { in.ID = "a b" }, false},
		{standard, func(in *signature.Input) { in.ID = "a\r\nX-Evil: 1" }, false},
		{standard, func(in *signature.Input) { in.ID = "ä" }, false},
		{standard, func(in *signature.Input) { in.ID = "{body}" }, true},
		{underscored, func(in *signature.Input) { in.ID = "a.1" }, true},
		{underscored, func(in *signature.Input) { in.ID = "a_1" }, false},
		{standard, func(in *signature.Input) { in.Time = time.Time{} }, false},
		{standard, func(in *signature.Input) { in.Time = time.Unix(-1, 0) }, false},
		{standard, func(in *signature.Input) { in.Time = time.Unix(1e12, 0) }, false},
		{standard, func(in *signature.Input) { in.Body = nil }, true},
		{bodyOnly, func(in *signature.Input) { *in = signature.Input{Body: someBody} }, true},
		{token, func(in *signature.Input) { in.ID = "" }, false},
		{token, func(in *signature.Input) { in.URL = "/hooks" }, false},
		{token, func(in *signature.Input) { in.URL = "http://u:hunter2@%zz/" }, false},
		{token, func(in *signature.Input) { in.Time = time.Time{} }, true},
	} {
		in := input
		c.change(&in)
		_, err := c.scheme.Sign(in, secretFor(c.scheme))
		if (err == nil) != c.ok {
			t.Errorf("%q, %q, %v: %v", c.scheme.Algorithm, in.ID, in.Time, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Error(err)
		}
		if c.ok {
			h := signed(t, c.scheme, in)
			if got := reason(t, c.scheme, h, in.Body, in.Time); got != "" {
				t.Errorf("%v: %q", h, got)
			}
		}
	}
	listedID := listed
	listedID.Value = "t={timestamp},i={id},v1={signature}"
	for id, ok := range map[string]bool{"a": true, "a;b": true, "a,b": false, "a,v1=": false} {
		if _, err := listedID.Sign(signature.Input{ID: id, Time: at}, secretFor(listedID)); (err == nil) != ok {
			t.Errorf("%q in a list: %v", id, err)
		}
	}
	h := http.Header{"Kept": {"1"}}
	if err := standard.SignTo(h, signature.Input{}, secretFor(standard)); err == nil || len(h) != 1 {
		t.Errorf("after an error the header is %v", h)
	}
}

// An id with the separator in it would let one signature serve two messages.
func TestShiftedID(t *testing.T) {
	in := signature.Input{Body: []byte("1716910210.{}"), ID: "a", Time: time.Unix(1716910209, 0)}
	h := signed(t, standard, in)
	h.Set("webhook-id", "a.1716910209")
	h.Set("webhook-timestamp", "1716910210")
	if got := reason(t, standard, h, []byte("{}"), at); got != signature.ReasonMalformed {
		t.Errorf("%q", got)
	}
}

// Random sound schemes: what is signed is accepted, and refused after any change.
func TestRoundTripProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := signature.Scheme{
			Algorithm: rapid.SampledFrom([]string{signature.HMACSHA1, signature.HMACSHA256, signature.HMACSHA512}).Draw(t, "algorithm"),
			Encoding:  rapid.SampledFrom([]string{signature.Hex, signature.Base64}).Draw(t, "encoding"),
			Header:    rapid.SampledFrom([]string{"x-signature", "X-Hub-Signature-256"}).Draw(t, "header"),
			Signed:    rapid.SampledFrom([]string{"{body}", "{body}{timestamp}", "v0:{timestamp}:{body}", "{id}.{timestamp}.{body}", "{id}\n{body}", "({body})"}).Draw(t, "signed"),
			Value:     rapid.SampledFrom([]string{"", "{signature}", "sha256={signature}", "v1,{signature};x", "i={id}|t={timestamp}|s={signature}", "s={signature}|t={timestamp}|i={id}"}).Draw(t, "value"),
			Separator: rapid.SampledFrom([]string{"", " ", "|", ", "}).Draw(t, "separator"),
		}
		if !strings.Contains(s.Value, "{id}") {
			s.TimestampHeader, s.IDHeader = "x-timestamp", "x-id"
			s.Tolerance = time.Duration(rapid.Int64Range(0, 600).Draw(t, "tolerance")) * time.Second
		}
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		in := signature.Input{
			Body: rapid.SliceOf(rapid.Byte()).Draw(t, "body"),
			ID:   rapid.StringMatching(`[A-Za-z0-9_-]{1,20}`).Draw(t, "id"),
			Time: time.Unix(rapid.Int64Range(0, 253402300799).Draw(t, "time"), rapid.Int64Range(0, 999999999).Draw(t, "ns")),
		}
		secrets := make([]signature.Secret, rapid.IntRange(1, 3).Draw(t, "secrets"))
		for i := range secrets {
			secrets[i] = signature.NewSecret(fmt.Sprint(i) + rapid.String().Draw(t, "secret"))
		}
		h, err := s.Sign(in, secrets...)
		if err != nil {
			t.Fatal(err)
		}
		at := in.Time.Truncate(time.Second)
		check := func(want bool, body []byte, secret signature.Secret) {
			finding, err := s.Verify(h, body, at, secret)
			if err != nil || finding.OK() != want {
				t.Fatalf("%+v: %v: %v, %v", s, h, finding, err)
			}
		}
		for i, secret := range secrets {
			check(i == 0 || s.Separator != "", in.Body, secret)
		}
		check(false, append([]byte{0}, in.Body...), secrets[0])
		check(false, in.Body, signature.NewSecret("3"))
	})
}
