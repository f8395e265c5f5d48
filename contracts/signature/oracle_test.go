package signature_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"
)

// The Standard Webhooks project's own library signs and checks what we check
// and sign. It reads the clock, so the message is signed now.
func TestStandardWebhooksLibrary(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(rt, "key")
		text := "whsec_" + base64.StdEncoding.EncodeToString(key)
		in := signature.Input{
			Body: rapid.SliceOf(rapid.Byte()).Draw(rt, "body"),
			ID:   rapid.StringMatching(`[a-zA-Z0-9_]{1,30}`).Draw(rt, "id"),
			Time: time.Now().Add(time.Duration(rapid.IntRange(-290, 290).Draw(rt, "age")) * time.Second),
		}
		library, err := standardwebhooks.NewWebhook(text)
		if err != nil {
			rt.Fatal(err)
		}
		secret := signature.NewSecret(text)
		h := signed(t, standard, in, secret)
		if err := library.Verify(in.Body, h); err != nil {
			rt.Fatalf("the library refuses %v: %v", h, err)
		}
		theirs, err := library.Sign(in.ID, in.Time, in.Body)
		if err != nil {
			rt.Fatal(err)
		}
		h.Set("webhook-signature", "v1,AAAA v2,BBBB "+theirs)
		if got := reason(t, standard, h, in.Body, in.Time, secret); got != "" {
			rt.Fatalf("%s: %v", got, h)
		}
		both := signed(t, standard, in, signature.NewSecret("whsec_b2xk"), secret)
		if err := library.Verify(in.Body, both); err != nil {
			rt.Fatalf("the library refuses %v: %v", both, err)
		}
		h.Set("webhook-id", in.ID+"x")
		if library.Verify(in.Body, h) == nil || reason(t, standard, h, in.Body, in.Time, secret) == "" {
			rt.Fatal("another id is accepted")
		}
	})
}

// The example of the Standard Webhooks specification's libraries.
func TestStandardWebhooksVector(t *testing.T) {
	secret := signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	in := signature.Input{Body: []byte(`{"test": 2432232314}`), ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", Time: time.Unix(1614265330, 0)}
	h := signed(t, standard, in, secret)
	if got, want := h.Get("webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
