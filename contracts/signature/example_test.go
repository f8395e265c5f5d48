package signature_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

// The scheme of https://www.standardwebhooks.com.
var standardWebhooks = signature.Scheme{
	Algorithm: signature.HMACSHA256, Signed: "{id}.{timestamp}.{body}", Encoding: signature.Base64,
	Header: "webhook-signature", Value: "v1,{signature}", Separator: " ",
	TimestampHeader: "webhook-timestamp", IDHeader: "webhook-id",
	Key: signature.Base64, KeyPrefix: "whsec_", Tolerance: 5 * time.Minute,
}

func ExampleScheme_Sign() {
	secret := signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	header, err := standardWebhooks.Sign(signature.Input{
		Body: []byte(`{"test": 2432232314}`),
		ID:   "msg_p5jXN8AQM9LWM0D4loKWxJek",
		Time: time.Unix(1614265330, 0),
	}, secret)
	fmt.Println(header.Get("webhook-signature"), err)
	fmt.Println(secret)
	// Output:
	// v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= <nil>
	// [redacted]
}

func ExampleScheme_Verify() {
	secret := signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	sent := time.Unix(1614265330, 0)
	body := []byte(`{"paid":true}`)
	header, _ := standardWebhooks.Sign(signature.Input{Body: body, ID: "msg_1", Time: sent}, secret)

	for _, attempt := range []struct {
		body []byte
		now  time.Time
	}{
		{body, sent.Add(time.Second)},
		{[]byte(`{"paid": true}`), sent.Add(time.Second)},
		{body, sent.Add(time.Hour)},
	} {
		finding, err := standardWebhooks.Verify(header, attempt.body, attempt.now, secret)
		fmt.Println(finding.OK(), finding.Reason, finding.Detail, err)
	}
	// Output:
	// true   <nil>
	// false mismatch the signature is another: other bytes or another secret were signed <nil>
	// false stale signed 1h ago, the limit is 5m <nil>
}

// A sender that writes its JSON anew after signing it.
func ExampleScheme_Explain() {
	scheme := signature.Scheme{Algorithm: signature.HMACSHA256, Signed: "{body}", Encoding: signature.Hex, Header: "X-Signature"}
	secret := signature.NewSecret("hunter2")
	body := []byte(`{"id": 17, "total": 1.50}`)
	now := time.Unix(1614265330, 0)

	var order any
	_ = json.Unmarshal(body, &order)
	rewritten, _ := json.Marshal(order)
	header, _ := scheme.Sign(signature.Input{Body: rewritten}, secret)

	e, _ := scheme.Explain(header, body, now, secret)
	fmt.Println(e.Finding.Reason)
	for _, cause := range e.Causes {
		fmt.Println(cause)
	}
	// Output:
	// mismatch
	// the signature is right for the same JSON written anew (compact, numbers rewritten): keep the bytes as received, never decode and encode them before the check
}
