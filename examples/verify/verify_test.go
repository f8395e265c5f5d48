// A partner verifies an endpoint, as a test among the tests of the endpoint.
// The same suite runs from the command line: hookrig verify shoptet --to URL.
package verify_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/examples/shop"
	"github.com/hookrig/hookrig/verifier"
)

func TestShop(t *testing.T) {
	receiver := shop.New("s3cr3t")
	server := httptest.NewServer(receiver)
	defer server.Close()

	report, err := verifier.Run(t.Context(), verifier.Options{
		Contract: catalog.Shoptet(),
		URL:      server.URL + "/hooks",
		Secrets:  []signature.Secret{signature.NewSecret("s3cr3t")},
		Events:   []string{"order:create", "order:update", "order:cancel"}, // what the shop has registered
		Oracle: verifier.OracleFunc(func(_ context.Context, event contracts.Event, _ string) (int, error) {
			return receiver.Done(event.Body), nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != verifier.Conformant {
		report.Text(t.Output(), false)
		t.Error(report.Verdict)
	}
}

// A receiver that is wrong in one way, and what the report says of it.
func Example() {
	contract := catalog.SellerCenter()
	receiver := receivers.New(contract, receivers.DoubleEffect)
	server := httptest.NewServer(receiver)
	defer server.Close()

	report, err := verifier.Run(context.Background(), verifier.Options{
		Contract: contract,
		URL:      server.URL + "/hooks",
		Events:   []string{"onOrderCreated"},
		Oracle: verifier.OracleFunc(func(_ context.Context, event contracts.Event, _ string) (int, error) {
			return receiver.Effects(event), nil
		}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Verdict)
	for _, check := range report.Checks {
		if check.Verdict == verifier.Fail {
			fmt.Printf("%s: %s\n  expected %s, received %s\n  %s\n", check.Name, check.Because, check.Expected, check.Received, check.Fix)
		}
	}
	// Output:
	// not conformant
	// state/duplicate-once: the same delivery, byte for byte, had its effect more than once
	//   expected one effect, received 3 effects of one event in 3 deliveries
	//   Remember what was done, under the event's identity, in the same transaction as the effect.
	// state/parallel-duplicates-once: the same delivery, byte for byte, had its effect more than once
	//   expected one effect, received 20 effects of one event in 20 deliveries
	//   Let a unique key decide, in the transaction of the effect.
	// state/lost-answer: the same delivery, byte for byte, had its effect more than once
	//   expected one effect, received 2 effects of one event in 2 deliveries
	//   Remember what was done, under the event's identity, in the same transaction as the effect.
	// state/any-sequence: onOrderCreated had 2 effects; delivered once and in order it has 1; 2 of 39 deliveries show it
	//   expected each event once, and the newest state of each record, in whatever order they come, received after onOrderCreated (a1) → onOrderCreated (a1) (a1: event 1 of the record a)
	//   Send the sequence again with the reproduce command, and look at its last delivery first.
}
