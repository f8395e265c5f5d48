package verifier_test

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// TestTheMemberIsNamed: whatever was changed at once, the finding names the one
// member that the receiver stumbles over, and rests on one delivery.
func TestTheMemberIsNamed(t *testing.T) {
	for defect, row := range map[receivers.Defect]struct{ at, event, check, member string }{
		receivers.RefusesItemFields:  {"ergonode", "attribute_created", "payload/unknown-nested-field", "an unknown member at /synchronization/events/*"},
		receivers.BreaksOnLateNull:   {"scayle", "customer-created", "payload/null-member", "null at /payload/company"},
		receivers.NarrowInnerInteger: {"scayle", "customer-created", "payload/big-number", "a large number at /payload/shopCountry/id"},
	} {
		virtualRun(t, string(defect), func(t *testing.T) {
			c := galleryContract(t, row.at)
			o := options(c, receivers.New(c, defect, secretsOf(c)...))
			o.Only, o.Events = []string{row.check}, []string{row.event}
			for _, f := range run(t, o).Checks {
				if f.Name != row.check {
					continue
				}
				if f.Verdict != verifier.Fail || !strings.HasPrefix(f.Because, row.member+": ") {
					t.Errorf("%s: %s, want %s", f.Verdict, f.Because, row.member)
				}
				if len(f.Deliveries) != 1 {
					t.Errorf("%d deliveries, want the one that names the member", len(f.Deliveries))
				}
			}
		})
	}
}

// next is the contract of the tests in another version.
func next(t *testing.T, edits ...string) *contracts.Contract {
	t.Helper()
	text, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(edits); i += 2 {
		if !bytes.Contains(text, []byte(edits[i])) {
			t.Fatalf("the contract has no %q", edits[i])
		}
		text = bytes.ReplaceAll(text, []byte(edits[i]), []byte(edits[i+1]))
	}
	c, err := contracts.Load(fstest.MapFS{"shop.yaml": {Data: text}}, "shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pinned is a right receiver that refuses what its version of the contract does
// not have.
type pinned struct {
	*receivers.Receiver
	refuses func(body []byte) bool
}

func (p pinned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err == nil && r.Method == http.MethodPost && p.refuses(body.Bytes()) {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	r.Body = readAgain{bytes.NewReader(body.Bytes())}
	p.Receiver.ServeHTTP(w, r)
}

type readAgain struct{ *bytes.Reader }

func (readAgain) Close() error { return nil }

func TestNextVersion(t *testing.T) {
	const sale = "price: {type: integer, minimum: 0}"
	for _, row := range []struct {
		name    string
		against *contracts.Contract
		refuses string // what the receiver stumbles over
		want    []string
		says    string
	}{
		{"none is given", nil, "x-nothing", nil, "no other version of the contract was given (--against)"},
		{"nothing changed", shop(t), "x-nothing", nil, "no event of the scope has such a change that a body shows"},
		{"a new member", next(t, sale, sale+"\n        coupon: {type: string}\n        size: {type: integer}"), `"coupon"`, []string{"payload/next-version-additions"},
			"what changes at /coupon (member-added): an event with what the next version adds broke the receiver"},
		{"null", next(t, "price: {type: integer, minimum: 0}", `price: {type: [integer, "null"], minimum: 0}`), `"price":null`, []string{"payload/next-version-changes"},
			"what changes at /price (null-allowed): an event as the next version has it broke the receiver"},
		{"one of several", next(t, sale, "price: {type: number, minimum: -5}", "required: [type, id, title]", "required: [type, id]"), `"price":-`, []string{"payload/next-version-changes"},
			"what changes at /price (range): an event as the next version has it broke the receiver"},
		{"taken well", next(t, sale, `price: {type: [string, "null"]}`), "x-nothing", nil, "an event as the next version has it was accepted"},
	} {
		virtualRun(t, row.name, func(t *testing.T) {
			c := shop(t)
			r := receivers.New(c, receivers.None, secretsOf(c)...)
			o := options(c, r)
			o.Transport = mockserver.InProcess(pinned{r, func(body []byte) bool { return bytes.Contains(body, []byte(row.refuses)) }})
			o.Against, o.Only = row.against, []string{"payload/next-version-additions", "payload/next-version-changes"}
			report := run(t, o)
			if got := findings(report, verifier.Fail); !same(got, row.want) {
				t.Errorf("found %q, want %q", got, row.want)
			}
			for _, f := range report.Checks {
				if f.Because == row.says {
					return
				}
				t.Logf("%s: %s: %s", f.Name, f.Verdict, f.Because)
			}
			t.Errorf("nothing says %q", row.says)
		})
	}
}
