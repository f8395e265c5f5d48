package contracts

import (
	"math"
	"testing"
	"testing/fstest"
	"time"
)

// TestProvenanceOfDelivery: each member of a policy has a level, wherever its
// value comes from: the message, the document, or nobody.
func TestProvenanceOfDelivery(t *testing.T) {
	const message = `      payload: {type: object}
      x-hookrig: {delivery: {then: delete, timeout: 2s, provenance: {/timeout: published, /giveUp: reported}}}
    left: {name: left, payload: true}
`
	doc := document(`x-hookrig:
  delivery: {success: [200], giveUp: 2d, jitter: 0.5, provenance: {/success: {level: reported, source: a forum}, /waits: documented, /repeat: published}}
  event: {pointer: /kind}
  identity: {members: [/id]}
  signature: {algorithm: basic, provenance: {/optional: reported}}
  registration: {conflicts: [[paid, left]]}
  provenance: published
  source: {published: the site, documented: the book, reported: somebody}
`, message)
	doc = replaceOnce(t, doc, `paid"}}}}`, `paid"}, left: {$ref: "#/components/messages/left"}}}}`)
	c, err := Load(fstest.MapFS{"c.yaml": {Data: []byte(doc)}}, "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	site := Provenance{Level: Published, Source: "the site"}
	nobody := Provenance{Level: Assumed, Source: unsaid}
	for _, tt := range []struct {
		event, member string
		want          Provenance
	}{
		{"left", "", site}, // that of the document, which stands below
		{"left", "success", Provenance{Level: Reported, Source: "a forum"}},
		{"left", "giveUp", site},
		{"left", "jitter", site},
		{"left", "repeat", site},
		{"left", "gone", site}, // that there is none
		{"left", "timeout", nobody},
		{"left", "waits", nobody}, // whatever the section says of what it leaves out
		{"left", "then", nobody},
		{"left", "ordering", nobody},
		{"paid", "success", Provenance{Level: Reported, Source: "a forum"}},
		{"paid", "timeout", site},
		{"paid", "then", site},
		{"paid", "waits", nobody},
		{"paid", "giveUp", Provenance{Level: Reported, Source: "somebody"}},
	} {
		if got := eventType(t, c, tt.event).Policy().Provenance(tt.member); got != tt.want {
			t.Errorf("%s %q: %+v, want %+v", tt.event, tt.member, got, tt.want)
		}
	}
	_, signed := c.Signature()
	_, conflicts := c.Conflicts()
	for what, got := range map[string]Provenance{
		"event": c.Discriminator().Provenance, "identity": eventType(t, c, "paid").Identity().Provenance,
		"signature": signed, "registration": conflicts, "a member": eventType(t, c, "paid").Provenance("/id"),
	} {
		if got != site {
			t.Errorf("%s: %+v, want the document's %+v", what, got, site)
		}
	}
	if got := c.SignatureProvenance("/optional").Level; got != Reported {
		t.Errorf("a member of the signature is %s", got)
	}
	if p := eventType(t, c, "paid").Policy(); p.GiveUp != 48*time.Hour || p.Timeout != 2*time.Second || p.Then != Delete || p.Jitter != 0.5 {
		t.Errorf("%+v", p)
	}
}

// TestDelaysNeverOverflow: the longest waits stay waits.
func TestDelaysNeverOverflow(t *testing.T) {
	long := time.Duration(math.MaxInt64)
	for _, p := range []Policy{
		{Waits: []time.Duration{long}},
		{Waits: []time.Duration{long}, Jitter: 1},
		{Repeat: maxDuration, Jitter: 1, GiveUp: long},
		{Repeat: 1, RetryAfterCap: long},
	} {
		got := p.Next(Progress{Attempt: 1, First: time.Unix(0, 0), Now: time.Unix(1, 0), Rand: 0.999}, Reply{Status: 503, RetryAfter: "99999999999999999999"})
		if got.Decision != DecideRetry || got.Wait <= 0 {
			t.Errorf("%+v: %+v", p, got)
		}
	}
}
