package contracts_test

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/contracts/signature"
)

func ExampleLoad() {
	contract, err := contracts.Load(os.DirFS("testdata"), "standard.yaml")
	var broken *schema.Error
	if errors.As(err, &broken) {
		fmt.Println(broken.File, broken.Line, broken.Hint)
	}
	if err != nil {
		return
	}
	for _, event := range contract.EventTypes() {
		fmt.Println(event.Name(), "-", event.Title())
		fmt.Println("answer", event.Policy().Accepted(), "within", event.Policy().Timeout)
	}
	scheme, source := contract.Signature()
	fmt.Println("signed with", scheme.Algorithm, "-", source)
	// Output:
	// book.sold - A book was sold
	// answer 2xx within 15s
	// signed with hmac-sha256 - documented: our handbook for partners
}

// A body is judged by the schema of its event.
func ExampleEventType_Validate() {
	contract, _ := contracts.Load(os.DirFS("testdata"), "standard.yaml")
	sold, _ := contract.EventType("book.sold")
	violations, _ := sold.Validate([]byte(`{"type": "book.sold", "timestamp": "2026-03-01T12:00:00Z", "data": {"isbn": 9780134190440}}`))
	for _, v := range violations {
		fmt.Println(v)
	}
	// Output:
	// /data/isbn: type: expected a string, found 9780134190440
}

// Seal makes the request that the provider would send, and Open judges one
// that claims to come from it.
func ExampleContract_Seal() {
	contract, _ := contracts.Load(os.DirFS("testdata"), "standard.yaml")
	sold, _ := contract.EventType("book.sold")
	event := contracts.Event{Type: sold, Body: sold.Examples()[0]}

	secrets := []signature.Secret{signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	request, err := contract.Seal(event, contracts.SealOptions{
		URL: "https://partner.example/hooks", Secrets: secrets, ID: "msg_1", Time: at,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(request.Method, request.URL, request.Header.Get("webhook-id"), request.Header.Get("webhook-timestamp"))

	opened, err := contract.Open(request, contracts.OpenOptions{Secrets: secrets, Now: at})
	fmt.Println(opened.OK(), opened.Events[0].Equal(event), err)

	request.Body = append(request.Body, '\n')
	opened, err = contract.Open(request, contracts.OpenOptions{Secrets: secrets, Now: at})
	fmt.Println(opened.OK(), opened.Signature.Reason, err)
	// Output:
	// POST https://partner.example/hooks msg_1 1772366400
	// true true <nil>
	// false mismatch <nil>
}

// What a provider does when its delivery is answered with 503, and then with
// 410.
func ExamplePolicy_Next() {
	contract, _ := contracts.Load(os.DirFS("testdata"), "standard.yaml")
	policy := contract.EventTypes()[0].Policy()
	first := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

	step := policy.Next(contracts.Progress{Attempt: 1, First: first, Now: first}, contracts.Reply{Status: 503, RetryAfter: "120"})
	fmt.Println(step.Decision, step.Wait, "-", step.Reason)

	step = policy.Next(contracts.Progress{Attempt: 2, First: first, Now: first.Add(2 * time.Minute)}, contracts.Reply{Status: 410})
	fmt.Println(step.Decision, step.Then, "-", step.Reason)
	// Output:
	// retry 2m0s - answered 503, success is 2xx; Retry-After asks for 2m
	// exhausted disable - answered 410: the receiver is gone for good
}
