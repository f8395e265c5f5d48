package signature_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/hookrig/hookrig/contracts/signature"
)

// forged is a token with any header and claims, signed with any key.
func forged(header, claims, key string) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

func TestTokenClaims(t *testing.T) {
	timed := token
	timed.Claims = map[string]string{"iat": "{timestamp}", "nbf": "{timestamp-1m}", "exp": "{timestamp+5m}", "api_url": "{url}/api", "id": "x-{id}", "uuid": "{uuid}", "n": "17"}
	value := signed(t, timed, input).Get("X-APP-TOKEN")
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(value, claims, func(*jwt.Token) (any, error) { return []byte(secretFor(timed).Reveal()), nil },
		jwt.WithTimeFunc(func() time.Time { return at }), jwt.WithExpirationRequired(), jwt.WithIssuedAt())
	if err != nil {
		t.Fatal(err)
	}
	uuid, _ := claims["uuid"].(string)
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(uuid) {
		t.Errorf("uuid %q", uuid)
	}
	delete(claims, "uuid")
	got, _ := json.Marshal(claims)
	const want = `{"api_url":"https://shop.example:8443/api","exp":1716910510,"iat":1716910210,"id":"x-msg_17","n":"17","nbf":1716910150}`
	if string(got) != want {
		t.Errorf("claims\n%s, want\n%s", got, want)
	}
	if signed(t, timed, input).Get("X-APP-TOKEN") != value {
		t.Error("the same input gives another token")
	}
	for distance, want := range map[time.Duration]string{
		0: "", -time.Minute: "", 5*time.Minute - 1: "", 5 * time.Minute: signature.ReasonStale, -61 * time.Second: signature.ReasonFuture,
	} {
		if got := reason(t, timed, signed(t, timed, input), nil, at.Add(distance)); got != want {
			t.Errorf("%v later: %q, want %q", distance, got, want)
		}
	}
	if got := reason(t, token, signed(t, token, input), nil, at.AddDate(50, 0, 0)); got != "" {
		t.Errorf("a token that claims no time: %q", got)
	}
	in := input
	in.ID = "msg_18"
	if signed(t, timed, in).Get("X-APP-TOKEN") == value {
		t.Error("another id gives the same token")
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	const hs256 = `{"alg":"HS256","typ":"JWT"}`
	const claims = `{"installation_id":"17","api_url":"https://x","synchronization_id":"y"}`
	key := secretFor(token).Reveal()
	good := forged(hs256, claims, key)
	dot := strings.LastIndexByte(good, '.')
	for value, want := range map[string]string{
		good: "",
		forged(hs256, `{"installation_id":"17","api_url":1,"synchronization_id":null}`, key): "",
		forged(`{"alg":"none"}`, claims, key):                                                signature.ReasonMalformed,
		forged(`{"alg":"None"}`, claims, key):                                                signature.ReasonMalformed,
		forged(`{"alg":"HS512"}`, claims, key):                                               signature.ReasonMalformed,
		forged(`{"alg":"RS256"}`, claims, key):                                               signature.ReasonMalformed,
		forged(`{"alg":["HS256"]}`, claims, key):                                             signature.ReasonMalformed,
		forged(`{}`, claims, key):                                                            signature.ReasonMalformed,
		forged(`[]`, claims, key):                                                            signature.ReasonMalformed,
		forged(hs256, `[]`, key):                                                             signature.ReasonMalformed,
		forged(hs256, `{`, key):                                                              signature.ReasonMalformed,
		forged(hs256, `{"installation_id":"18","api_url":"https://x","synchronization_id":"y"}`, key):                  signature.ReasonMalformed,
		forged(hs256, `{"installation_id":"17","api_url":"https://x"}`, key):                                           signature.ReasonMalformed,
		forged(hs256, `{"exp":"soon","installation_id":"17","api_url":"https://x","synchronization_id":"y"}`, key):     signature.ReasonMalformed,
		forged(hs256, `{"exp":1716910209,"installation_id":"17","api_url":"https://x","synchronization_id":"y"}`, key): signature.ReasonStale,
		forged(hs256, `{"nbf":1716910211,"installation_id":"17","api_url":"https://x","synchronization_id":"y"}`, key): signature.ReasonFuture,
		forged(hs256, claims, "another"): signature.ReasonMismatch,
		forged(hs256, claims, ""):        signature.ReasonMismatch,
		good[:dot+1]:                     signature.ReasonMismatch,
		good[:len(good)-2]:               signature.ReasonMalformed,
		good[:len(good)-3]:               signature.ReasonMismatch,
		good[:dot]:                       signature.ReasonMalformed,
		good + ".":                       signature.ReasonMalformed,
		"Bearer " + good:                 signature.ReasonMalformed,
		"..":                             signature.ReasonMalformed,
		"eyJ.eyJ.eyJ":                    signature.ReasonMalformed,
		strings.Repeat(".", 1<<16):       signature.ReasonMalformed,
	} {
		if got := reason(t, token, http.Header{"X-App-Token": {value}}, nil, at); got != want {
			t.Errorf("%.200q: %q, want %q", value, got, want)
		}
	}
}

// A rotated secret: what a right key says of a token outranks the others.
func TestTokensOfSeveralSecrets(t *testing.T) {
	s := token
	s.Separator, s.Claims = " ", map[string]string{"exp": "{timestamp+1m}"}
	before, after := signature.NewSecret("before"), signature.NewSecret("after")
	h := signed(t, s, input, before, after)
	if strings.Count(h.Get("X-APP-TOKEN"), " ") != 1 {
		t.Fatalf("signed as %v", h)
	}
	for _, secrets := range [][]signature.Secret{{before}, {after}, {signature.NewSecret("x"), after}, {after, signature.NewSecret("x")}} {
		if got := reason(t, s, h, nil, at, secrets...); got != "" {
			t.Errorf("%q", got)
		}
		if got := reason(t, s, h, nil, at.Add(time.Hour), secrets...); got != signature.ReasonStale {
			t.Errorf("an hour later: %q", got)
		}
	}
	one := signed(t, token, input).Get("X-APP-TOKEN")
	last := strings.IndexByte(urlAlphabet, one[len(one)-1])
	h = http.Header{"X-App-Token": {one[:len(one)-1] + string(urlAlphabet[last^1])}}
	if got := reason(t, token, h, nil, at); got == "" {
		t.Error("a second spelling of the same signature is accepted")
	}
}

const urlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// The example of RFC 7515, appendix A.1: its key is binary and its header has a line break.
func TestTokenOfRFC7515(t *testing.T) {
	key, err := base64.RawURLEncoding.DecodeString("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
	if err != nil {
		t.Fatal(err)
	}
	s := signature.Scheme{Algorithm: signature.JWTHS256, Header: "Authorization", Value: "Bearer {signature}", Key: signature.Base64,
		Claims: map[string]string{"iss": "joe", "exp": "{timestamp}"}}
	secret := signature.NewSecret(base64.StdEncoding.EncodeToString(key))
	h := http.Header{"Authorization": {"Bearer eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}}
	for seconds, want := range map[int64]string{1300819379: "", 1300819381: signature.ReasonStale} {
		if got := reason(t, s, h, nil, time.Unix(seconds, 0), secret); got != want {
			t.Errorf("at %d: %q, want %q", seconds, got, want)
		}
	}
}

// RFC 7617, sections 2 and 2.1.
func TestBasicOfRFC7617(t *testing.T) {
	for credentials, want := range map[string]string{
		"Aladdin:open sesame": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
		"test:123£":           "Basic dGVzdDoxMjPCow==",
	} {
		secret := signature.NewSecret(credentials)
		h := signed(t, basic, input, secret)
		if got := h.Get("Authorization"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		for value, reasonWanted := range map[string]string{
			want: "", "basic" + want[5:]: "", "BASIC  " + want[6:]: "",
			"Basic": signature.ReasonMismatch, "Basic ": signature.ReasonMismatch, "Bearer " + want[6:]: signature.ReasonMalformed, want[6:]: signature.ReasonMalformed,
			want + "=": signature.ReasonMalformed, want[:len(want)-4]: signature.ReasonMismatch, "Basic !": signature.ReasonMalformed,
		} {
			if got := reason(t, basic, http.Header{"Authorization": {value}}, nil, at, signature.NewSecret("a:b"), secret); got != reasonWanted {
				t.Errorf("%q: %q, want %q", value, got, reasonWanted)
			}
		}
	}
	if _, err := basic.Sign(input, signature.NewSecret("no colon")); !errors.As(err, new(*signature.SecretError)) {
		t.Errorf("credentials without a colon: %v", err)
	}
}
