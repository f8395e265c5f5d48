package diff_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/diff"
	"pgregory.net/rapid"
)

// shop is a contract with parts to replace.
const shop = `asyncapi: 3.1.0
info: {title: Shop, version: "1"}
x-hookrig:
  provider: shop
  event: {pointer: /type}
  identity: {members: [/id]}
  delivery: {success: ["200", "202"], timeout: 5s, waits: [1m, 1h], then: disable, ordering: endpoint, duplicates: possible}
  signature: {algorithm: hmac-sha256, signed: "{body}", encoding: hex, header: X-Shop-Signature}
  headers: {X-Shop: "1"}
  registration: {conflicts: [[placed, paid]]}
channels: {c: {address: /hooks, messages: {placed: {$ref: "#/components/messages/placed"}, paid: {$ref: "#/components/messages/paid"}}}}
operations: {o: {action: send, channel: {$ref: "#/channels/c"}, bindings: {http: {method: POST}}}}
components:
  messages:
    placed: {name: placed, title: An order was placed, payload: {type: object, required: [type, id], properties: {type: {const: placed}, id: {$ref: "#/components/schemas/id"}, total: {type: integer}}}}
    paid: {name: paid, title: An order was paid, payload: {type: object, required: [type, id], properties: {type: {const: paid}, id: {$ref: "#/components/schemas/id"}, method: {type: string}}}}
  schemas:
    id: {type: string, maxLength: 10}
`

func TestContracts(t *testing.T) {
	for _, tt := range []struct {
		name, from, to string
		want           []string
	}{
		{"nothing", "Shop, version", "Shop, x-more: 1, version", nil},
		{"shared schema", "maxLength: 10", "maxLength: 12", []string{"every placed,paid payload/id length b"}},
		{"success", `["200", "202"]`, `["200"]`, []string{"every placed,paid delivery/delivery/success success b"}},
		{"more success", `["200", "202"]`, `["2xx"]`, []string{"every placed,paid delivery/delivery/success success c"}},
		{"time-out", "timeout: 5s", "timeout: 4s", []string{"every placed,paid delivery/delivery/timeout timeout b"}},
		{"more time", "timeout: 5s", "timeout: 6s", []string{"every placed,paid delivery/delivery/timeout timeout c"}},
		{"fewer attempts", "waits: [1m, 1h]", "waits: [1h]", []string{"every placed,paid delivery/delivery/waits retries b"}},
		{"more attempts", "waits: [1m, 1h]", "waits: [1m, 1h, 1h]", []string{"every placed,paid delivery/delivery/waits retries c"}},
		{"endless", "waits: [1m, 1h]", "waits: [1m], repeat: 1h", []string{"every placed,paid delivery/delivery/waits retries c"}},
		{"given up earlier", "waits: [1m, 1h]", "waits: [1m, 1h], giveUp: 30m", []string{"every placed,paid delivery/delivery/waits retries b"}},
		{"order", "ordering: endpoint", "ordering: none", []string{"every placed,paid delivery/delivery/ordering ordering b"}},
		{"then", "then: disable", "then: delete", []string{"every placed,paid delivery/delivery/then then b"}},
		{"then milder", "then: disable", "then: keep", []string{"every placed,paid delivery/delivery/then then c"}},
		{"gone", "then: disable", "then: disable, gone: delete", []string{"every placed,paid delivery/delivery/gone then b"}},
		{"retry-after", "then: disable", "then: disable, retryAfterCap: 1h", []string{"every placed,paid delivery/delivery/retryAfterCap retry-after c"}},
		{"jitter", "then: disable", "then: disable, jitter: 0.1", []string{"every placed,paid delivery/delivery/jitter retries c"}},
		{"algorithm", "hmac-sha256", "hmac-sha512", []string{"all signature/signature/algorithm signature b"}},
		{"signature's header", "X-Shop-Signature", "X-Signature", []string{"all signature/signature/header header b"}},
		{"header's case", "X-Shop-Signature", "x-shop-signature", nil},
		{"unsigned", `{algorithm: hmac-sha256, signed: "{body}", encoding: hex, header: X-Shop-Signature}`, "{algorithm: none}", []string{"all signature/signature signature-removed b"}},
		{"header", `headers: {X-Shop: "1"}`, `headers: {X-Shop: "2", X-More: "1"}`,
			[]string{"every placed,paid request/headers/X-Shop header b", "every placed,paid request/headers/X-More header-added c"}},
		{"identity", "members: [/id]", "members: [/id, /type]", []string{"every placed,paid identity/identity identity b"}},
		{"conflict", "conflicts: [[placed, paid]]", "conflicts: []", []string{"all registration/registration/conflicts conflict-removed c"}},
		{"conflict turned", "conflicts: [[placed, paid]]", "conflicts: [[paid, placed]]", nil},
		{"name of the event", "pointer: /type", "header: X-Event", []string{"all request/event event-name b"}},
		{"method and path", "address: /hooks", "address: /events", []string{"every placed,paid request/address path b"}},
		{"method", "method: POST", "method: PUT", []string{"every placed,paid request/method method b"}},
		{"renamed", "name: paid, title: An order was paid, payload: {type: object, required: [type, id], properties: {type: {const: paid}",
			"name: settled, title: An order was paid, payload: {type: object, required: [type, id], properties: {type: {const: settled}",
			[]string{"settled event event-renamed b"}},
		{"replaced", "name: paid, title: An order was paid, payload: {type: object, required: [type, id], properties: {type: {const: paid}",
			"name: sent, title: A parcel was sent, payload: {type: object, required: [type, id], properties: {parcel: {type: string}, type: {const: sent}",
			[]string{"paid event event-removed b", "sent event event-added c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(shop, tt.from) {
				t.Fatal("the text to replace is not there")
			}
			text := strings.ReplaceAll(shop, tt.from, tt.to)
			if tt.name == "renamed" || tt.name == "replaced" {
				text = strings.ReplaceAll(text, "conflicts: [[placed, paid]]", "conflicts: []")
			}
			before := strings.ReplaceAll(shop, "conflicts: [[placed, paid]]", "conflicts: []")
			if strings.Contains(text, "conflicts: [[") || strings.HasPrefix(tt.name, "conflict") {
				before = shop
			}
			var got []string
			for _, ch := range compare(t, load(t, before), load(t, text)) {
				who := strings.Join(ch.Events, ",")
				if ch.Every {
					who = "every " + who
				} else if who == "" {
					who = "all"
				}
				got = append(got, fmt.Sprintf("%s %s%s %s %s", who, ch.Part, ch.Pointer, ch.Rule, ch.Effect[:1]))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestCatalog: a contract that is read twice has no changes, however large.
func TestCatalog(t *testing.T) {
	for _, name := range catalog.Names {
		was, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		is, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if changes := compare(t, was, is); len(changes) > 0 {
			t.Errorf("%s: %d changes, the first: %s", name, len(changes), changes[0])
		}
	}
}

// schemas makes small schemas of which two have often something in common.
func schemas(depth int) *rapid.Generator[any] {
	plain := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) any { return text(t) }),
		rapid.Custom(func(t *rapid.T) any { return number(t) }),
		rapid.SampledFrom([]any{
			map[string]any{"enum": []any{"a", "b"}}, map[string]any{"enum": []any{"b", "c", nil}}, map[string]any{"type": "boolean"},
			map[string]any{"const": 1}, map[string]any{"type": []any{"string", "null"}}, map[string]any{"enum": []any{true, "a"}},
		}),
	)
	if depth == 0 {
		return plain
	}
	inner := schemas(depth - 1)
	return rapid.OneOf(plain,
		rapid.Custom(func(t *rapid.T) any { return object(t, inner) }),
		rapid.Custom(func(t *rapid.T) any {
			return map[string]any{"type": "array", "items": inner.Draw(t, "items"), "minItems": rapid.IntRange(0, 1).Draw(t, "least"), "maxItems": rapid.IntRange(1, 3).Draw(t, "most")}
		}),
		rapid.Custom(func(t *rapid.T) any {
			return map[string]any{"anyOf": []any{inner.Draw(t, "one"), inner.Draw(t, "other")}}
		}),
		rapid.Custom(func(t *rapid.T) any { return map[string]any{"allOf": []any{inner.Draw(t, "part"), map[string]any{}}} }),
	)
}

func text(t *rapid.T) any {
	s := map[string]any{"type": "string"}
	if n := rapid.IntRange(-1, 4).Draw(t, "longest"); n >= 0 {
		s["maxLength"] = n + 2
	}
	if n := rapid.IntRange(-1, 2).Draw(t, "shortest"); n >= 0 {
		s["minLength"] = n
	}
	return s
}

func number(t *rapid.T) any {
	s := map[string]any{"type": rapid.SampledFrom([]string{"integer", "number"}).Draw(t, "type")}
	if rapid.Bool().Draw(t, "bound") {
		s["minimum"] = rapid.IntRange(-3, 3).Draw(t, "least")
	}
	if rapid.Bool().Draw(t, "bound above") {
		s[rapid.SampledFrom([]string{"maximum", "exclusiveMaximum"}).Draw(t, "kind")] = rapid.IntRange(5, 9).Draw(t, "most")
	}
	return s
}

func object(t *rapid.T, inner *rapid.Generator[any]) any {
	s := map[string]any{"type": "object"}
	members := map[string]any{}
	required := []string{}
	for _, name := range []string{"a", "b", "c"} {
		if rapid.Bool().Draw(t, "has "+name) {
			members[name] = inner.Draw(t, name)
			if rapid.Bool().Draw(t, "requires "+name) {
				required = append(required, name)
			}
		}
	}
	s["properties"], s["required"] = members, required
	if rapid.IntRange(0, 3).Draw(t, "closed") == 0 {
		s["additionalProperties"] = false
	}
	return s
}

// TestSound: of any two schemas, what is said of their changes holds for the
// bodies that the faker makes.
func TestSound(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		was, is := schemas(2).Draw(r, "was"), schemas(2).Draw(r, "is")
		if rapid.Bool().Draw(r, "the same") {
			is = was
		}
		old, err := json.Marshal(was)
		if err != nil {
			r.Fatal(err)
		}
		now, err := json.Marshal(is)
		if err != nil {
			r.Fatal(err)
		}
		before, after := contractOf(t, string(old)), contractOf(t, string(now))
		changes := compare(t, before, after)
		if string(old) == string(now) && len(changes) > 0 {
			r.Fatalf("%s differs from itself: %v", old, changes)
		}
		sound(r, before, after, changes)
	})
}

// sound is prove for any schemas: that something breaks is not shown by chance.
func sound(t *rapid.T, was, is *contractT, changes []diff.Change) {
	old, now := was.EventTypes()[0], is.EventTypes()[0]
	for _, body := range bodies(t, is) {
		v, err := old.Validate(body)
		if err != nil {
			t.Fatal(err)
		}
		if worst := diff.Worst(changes); len(v) > 0 && worst != diff.Breaking && worst != diff.Unclear {
			t.Fatalf("%s breaks the old version: %v\n%v", body, v, changes)
		}
	}
	for _, ch := range changes {
		if ch.Effect != diff.Breaking || ch.Value == nil || ch.Pointer != "/v" {
			continue
		}
		body := fmt.Appendf(nil, `{"event":"e","v":%s}`, ch.Value)
		ours, err := now.Validate(body)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := old.Validate(body)
		if err != nil {
			t.Fatal(err)
		}
		if len(ours) > 0 || len(theirs) == 0 {
			t.Fatalf("%s is no proof: the new version says %v, the old one %v\n%v", body, ours, theirs, slices.Clone(changes))
		}
	}
}
