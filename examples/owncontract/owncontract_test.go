// Bring your own contract: one AsyncAPI file, and everything else works as for
// the providers that are built in.
package owncontract_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/faker"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// secret is shared by the library and its partners.
var secret = signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

func TestLibrary(t *testing.T) {
	contract, err := contracts.Load(os.DirFS("testdata"), "library.yaml")
	if err != nil {
		t.Fatal(err)
	}
	library, err := faker.New(contract, faker.Options{Events: []string{"book.lent"}})
	if err != nil {
		t.Fatal(err)
	}
	event, err := library.Event("book.lent", faker.Set("/data/reader", "ada@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	inbox := mockserver.NewInbox(contract, mockserver.InboxOptions{Secrets: []signature.Secret{secret}})
	server := mockserver.Start(t, mockserver.Options{Transport: mockserver.InProcess(inbox)})
	outcome, err := server.Send(mockserver.Parcel{
		Event:    event,
		Endpoint: mockserver.Endpoint{URL: "https://partner.test/library", Secrets: []signature.Secret{secret}},
	}).Wait(t.Context())
	if err != nil || outcome.State != mockserver.Delivered {
		t.Errorf("%s: %s (%v)", outcome.State, outcome.Reason, err)
	}
}

// A request as the library would send it, for a handler of one's own. By its
// contract a signature is over an id and the time too.
func TestLoan(t *testing.T) {
	contract, err := contracts.Load(os.DirFS("testdata"), "library.yaml")
	if err != nil {
		t.Fatal(err)
	}
	library, err := faker.New(contract, faker.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	request, err := library.Request("book.lent", contracts.SealOptions{
		URL:     "https://partner.test/library",
		Secrets: []signature.Secret{signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")},
		ID:      "msg_1",
		Time:    time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	partner(contract).ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		t.Errorf("answered %d: %s", answer.Code, answer.Body)
	}
}

// partner stands for the handler under test.
func partner(contract *contracts.Contract) http.Handler {
	return receivers.New(contract, receivers.None, secret)
}

// What hookrig lint library.yaml does.
func TestNothingToMend(t *testing.T) {
	contract, err := contracts.Load(os.DirFS("testdata"), "library.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range contract.Lint() {
		t.Error(finding)
	}
	if _, err := faker.New(contract, faker.Options{}); err != nil {
		t.Error(err)
	}
}

// What hookrig verify library.yaml --to URL does.
func TestPartner(t *testing.T) {
	contract, err := contracts.Load(os.DirFS("testdata"), "library.yaml")
	if err != nil {
		t.Fatal(err)
	}
	partner := receivers.New(contract, receivers.None, secret)
	report, err := verifier.Run(t.Context(), verifier.Options{
		Contract: contract, URL: "https://partner.test/library", Secrets: []signature.Secret{secret},
		Transport: mockserver.InProcess(partner),
		Oracle: verifier.OracleFunc(func(_ context.Context, event contracts.Event, _ string) (int, error) {
			return partner.Effects(event), nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Counts.Pass+report.Counts.Skip != len(report.Checks) {
		report.Text(t.Output(), false)
		t.Error(report.Verdict)
	}
}
