package api

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

// While a secret is replaced, deliveries carry the signatures of both: to endpoints,
// targets and subscribers, across a restart, as long as was said. A provider without
// room for two signs with the new one.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		receiver := &recorder{status: 200}
		send := func(g *rig, want int) {
			t.Helper()
			for _, to := range []string{`,"endpoint":"shop"`, `,"to":"http://to.test/","secret":"acme"`, ``} {
				receiver.seen = nil
				if got := g.detail(g.do("POST", "/api/v1/deliveries", `{"provider":"acme","event":"order.created"`+to+`}`).ids()[0]); got.State != "delivered" {
					t.Fatalf("%+v", got)
				}
				if got := receiver.seen[0].Header.Get("Acme-Signature"); len(strings.Fields(got)) != want {
					t.Errorf("%s: %q, want %d signatures", to, got, want)
				}
			}
		}
		d.boot(t, receiver, func(g *rig) {
			put := func(body string) { t.Helper(); g.do("PUT", "/api/v1/secrets/acme", body).is(204) }
			put(`{"value":"whsec_b25l","overlap":"1d"}`) // nothing is replaced
			g.do("PUT", "/api/v1/endpoints/shop", `{"url":"http://shop.test/","secret":"acme"}`).is(200)
			g.do("POST", "/api/v1/subscriptions", `{"provider":"acme","events":["order.created"],"url":"http://sub.test/","secret":"acme"}`).is(201)
			send(g, 1)
			put(`{"value":"whsec_dHdv","overlap":"1d"}`)
			send(g, 2)
			put(`{"value":"whsec_dGhyZWU="}`) // at once
			send(g, 1)
			put(`{"value":"whsec_Zm91cg==","overlap":"1d"}`)
			if body := g.do("GET", "/api/v1/secrets", "").body; body != `{"secrets":["acme"]}`+"\n" {
				t.Error(body)
			}
			if p := g.do("PUT", "/api/v1/secrets/acme", `{"value":"x","overlap":"91d"}`).problem(422); !slices.Equal(p.where(), []string{"/overlap"}) {
				t.Errorf("%+v", p)
			}
		})
		time.Sleep(time.Hour)
		d.boot(t, receiver, func(g *rig) {
			send(g, 2)
			time.Sleep(24 * time.Hour)
			send(g, 1)
			g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_Zml2ZQ==","overlap":"1d"}`).is(204)
			send(g, 2)
			g.do("DELETE", "/api/v1/secrets/acme", "").is(204)
			if names := d.secrets.Names(); len(names) > 0 {
				t.Errorf("left behind: %q", names)
			}
		})
	})
}

// What cannot be read of a secret before counts as none.
func TestRotationOfNonsense(t *testing.T) {
	g := newRig(t, answers(200))
	g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_b25l"}`).is(204)
	if err := g.api.secrets.Put("-previous.acme", signature.NewSecret("no JSON")); err != nil {
		t.Fatal(err)
	}
	if got := g.api.keys("acme")(); len(got) != 1 {
		t.Errorf("%d secrets", len(got))
	}
	g.do("PUT", "/api/v1/secrets/acme", `{"value":"whsec_dHdv"}`).is(204)
	if _, there := g.api.secrets.Get("-previous.acme"); there {
		t.Error("the one before it is kept")
	}
}
