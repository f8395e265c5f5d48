package catalog_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// TestPublishedSignatures: the contracts sign as the two providers' own published
// examples are signed.
func TestPublishedSignatures(t *testing.T) {
	for _, tt := range []struct {
		provider, secret, body string
		at                     int64
		headers                map[string]string
	}{
		{
			provider: "xentral", // help.xentral.com, article 7317606468636
			secret:   "e4nRJ04Ss2m3EkQxn19V",
			body:     `{"type":"com.xentral.salesOrder.protocolCreated.v1","body":{"createdAt":"2024-05-28T17:30:07+02:00","salesOrderId":169,"salesOrderProtocolId":586}}`,
			at:       1716910210,
			headers: map[string]string{
				"xentral-signature":         "67b9db5fbe8add6c5b073f42091f593e994de32c83741573015442c154214bcf",
				"xentral-request-timestamp": "1716910210",
			},
		},
		{
			provider: "shoptet", // github.com/shoptet/api-sdk, SignatureValidatorTest
			secret:   "61d1175f54c47dd67df14c17002a17b2",
			body:     `{"eshopId":315185,"event":"addon:uninstall","eventCreated":"2019-09-23T22:01:36+0200","eventInstance":"315185"}`,
			headers:  map[string]string{"Shoptet-Webhook-Signature": "a0e0a3e7689bd4c80e4d6ffcccb05235b864e1d0"},
		},
	} {
		t.Run(tt.provider, func(t *testing.T) {
			scheme, from := load(t, tt.provider).Signature()
			if from.Level != contracts.Published || from.Source == "" {
				t.Errorf("the scheme is %v, want published with a source", from)
			}
			key, at := signature.NewSecret(tt.secret), time.Unix(tt.at, 0)
			signed, err := scheme.Sign(signature.Input{Body: []byte(tt.body), Time: at}, key)
			if err != nil {
				t.Fatal(err)
			}
			received := http.Header{}
			for name, want := range tt.headers {
				received.Set(name, want)
				if got := signed.Get(name); got != want {
					t.Errorf("%s: %s, published is %s", name, got, want)
				}
			}
			if len(signed) != len(tt.headers) {
				t.Errorf("signed with %v, published are %v", signed, tt.headers)
			}
			for body, accepted := range map[string]bool{tt.body: true, tt.body + "\n": false} {
				finding, err := scheme.Verify(received, []byte(body), at, key)
				if err != nil {
					t.Fatal(err)
				}
				if finding.OK() != accepted {
					t.Errorf("%q: %+v, want accepted: %t", body, finding, accepted)
				}
			}
		})
	}
}

// TestNoMadeUpSignature: who is not known to sign does not sign here.
func TestNoMadeUpSignature(t *testing.T) {
	for provider, algorithm := range map[string]string{
		"sellercenter": signature.None,
		"scayle":       signature.Basic,
		"ergonode":     signature.JWTHS256,
	} {
		if scheme, _ := load(t, provider).Signature(); scheme.Algorithm != algorithm {
			t.Errorf("%s: %q, want %q", provider, scheme.Algorithm, algorithm)
		}
	}
}
