package signature_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

// Schemes of the shapes that occur, for tests of all of them.
var (
	bodyOnly = signature.Scheme{Algorithm: signature.HMACSHA1, Signed: "{body}", Encoding: "hex", Header: "X-Signature"}

	bodyAndTime = signature.Scheme{Algorithm: signature.HMACSHA256, Signed: "{body}{timestamp}", Encoding: "hex",
		Header: "x-signature", TimestampHeader: "x-request-timestamp"}

	standard = signature.Scheme{Algorithm: signature.HMACSHA256, Signed: "{id}.{timestamp}.{body}", Encoding: "base64",
		Header: "webhook-signature", Value: "v1,{signature}", Separator: " ",
		TimestampHeader: "webhook-timestamp", IDHeader: "webhook-id",
		Key: "base64", KeyPrefix: "whsec_", Tolerance: 5 * time.Minute}

	listed = signature.Scheme{Algorithm: signature.HMACSHA256, Signed: "{timestamp}.{body}", Encoding: "hex",
		Header: "X-Signature", Value: "t={timestamp},v1={signature}", Separator: ",", Tolerance: 5 * time.Minute}

	token = signature.Scheme{Algorithm: signature.JWTHS256, Header: "X-APP-TOKEN",
		Claims: map[string]string{"installation_id": "17", "api_url": "{url}", "synchronization_id": "{uuid}"}}

	basic = signature.Scheme{Algorithm: signature.Basic, Optional: true}
)

var (
	at       = time.Unix(1716910210, 0)
	someBody = []byte(`{"type":"order.created","data":{"id":17}}`)
	input    = signature.Input{Body: someBody, ID: "msg_17", Time: at, URL: "https://user@shop.example:8443/hooks?x=1"}
)

// secretFor is a secret that the scheme can use.
func secretFor(s signature.Scheme) signature.Secret {
	switch {
	case s.Algorithm == signature.Basic:
		return signature.NewSecret("shop:hunter2:3")
	case s.Key == signature.Base64:
		return signature.NewSecret(s.KeyPrefix + "aHVudGVyMi1odW50ZXIyLWh1bnRlcjI=")
	}
	return signature.NewSecret("hunter2-hunter2-hunter2")
}

var shapes = []struct {
	name   string
	scheme signature.Scheme
}{
	{"body", bodyOnly}, {"body-and-time", bodyAndTime}, {"standard", standard}, {"listed", listed}, {"token", token}, {"basic", basic},
}

func BenchmarkSignTo(b *testing.B) {
	for _, shape := range shapes {
		b.Run(shape.name, func(b *testing.B) {
			b.ReportAllocs()
			secret, h := secretFor(shape.scheme), make(http.Header, 4)
			for b.Loop() {
				if err := shape.scheme.SignTo(h, input, secret); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSignLargeBody(b *testing.B) {
	in := input
	in.Body = bytes.Repeat([]byte("x"), 64<<10)
	b.SetBytes(int64(len(in.Body)))
	secret := secretFor(standard)
	for b.Loop() {
		if _, err := standard.Sign(in, secret); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, shape := range shapes {
		b.Run(shape.name, func(b *testing.B) {
			b.ReportAllocs()
			secret := secretFor(shape.scheme)
			h, err := shape.scheme.Sign(input, secret)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if finding, err := shape.scheme.Verify(h, someBody, at, secret); err != nil || !finding.OK() {
					b.Fatal(finding, err)
				}
			}
		})
	}
}
