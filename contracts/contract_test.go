package contracts

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/contracts/signature"
)

func load(t *testing.T, name string) *Contract {
	t.Helper()
	c, err := Load(os.DirFS("testdata"), name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func eventType(t *testing.T, c *Contract, name string) *EventType {
	t.Helper()
	et, err := c.EventType(name)
	if err != nil {
		t.Fatal(err)
	}
	return et
}

func TestLoadReadsEveryPartOfTheFormat(t *testing.T) {
	c := load(t, "parcels.yaml")
	sent, lost := eventType(t, c, "sent"), eventType(t, c, "lost")
	scheme, from := c.Signature()
	conflicts, _ := c.Conflicts()
	p := sent.Policy()
	for _, tt := range []struct {
		what      string
		got, want any
	}{
		{"provider", c.Provider(), "parcels"},
		{"title", c.Title(), "Parcel office"},
		{"events", len(c.EventTypes()), 2},
		{"method", sent.Method(), "PUT"},
		{"path", sent.Path(), "/hooks/{/depot}"},
		{"tag", sent.Tag(), "office.sent.v1"},
		{"tag of its own", lost.Tag(), "office.gone.v1"},
		{"documentation", sent.Documentation(), DocumentedPartly},
		{"documentation unsaid", lost.Documentation(), DocumentedFully},
		{"notes", sent.Notes(), []string{"the handbook calls it posted"}},
		{"success", p.Accepted(), "2xx or 304"},
		{"timeout", p.Timeout, 5 * time.Second},
		{"waits", p.Waits, []time.Duration{time.Minute, 10 * time.Minute}},
		{"give up", p.GiveUp, 48 * time.Hour},
		{"policy default", p.Provenance(""), Provenance{Level: Documented, Source: "the handbook"}},
		{"policy timeout", p.Provenance("timeout"), Provenance{Level: Reported, Source: "a forum"}},
		{"policy waits", p.Provenance("waits"), Provenance{Level: Assumed, Source: "nobody says"}},
		{"overridden timeout", lost.Policy().Timeout, time.Second},
		{"overridden provenance", lost.Policy().Provenance("timeout"), Provenance{Level: Published, Source: "the web site"}},
		{"inherited waits", lost.Policy().Waits, p.Waits},
		{"inherited provenance", lost.Policy().Provenance("waits"), Provenance{Level: Assumed, Source: "nobody says"}},
		{"scheme", scheme.Value, "t={timestamp},v1={signature}"},
		{"scheme's provenance", from.Level, Documented},
		{"identity", sent.Identity().Members, []string{"/id"}},
		{"conflicts", conflicts, [][]string{{"sent", "lost"}}},
		{"example", string(sent.Examples()[0]), `{"type":"office.sent.v1","id":7,"depot":"north","to":{"city":"Zürich <>"}}`},
	} {
		if !reflect.DeepEqual(tt.got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.what, tt.got, tt.want)
		}
	}
}

func TestProvenanceTakesTheLongestPointer(t *testing.T) {
	c := load(t, "parcels.yaml")
	sent, lost := eventType(t, c, "sent"), eventType(t, c, "lost")
	for _, tt := range []struct {
		of      *EventType
		pointer string
		want    Level
		note    string
	}{
		{sent, "", Documented, ""},
		{sent, "/id", Documented, ""},
		{sent, "/depot", Assumed, ""},
		{sent, "/items/0/weight", Reported, "in grams"},
		{sent, "/items/*/weight", Reported, "in grams"},
		{sent, "/items/0/name", Documented, ""},
		{sent, "/to/city", Published, "the handbook spells it town"},
		{lost, "/to/city", Published, "the handbook spells it town"},
		{sent, "/to/zip", Documented, ""},
	} {
		got := tt.of.Provenance(tt.pointer)
		if got.Level != tt.want || got.Note != tt.note {
			t.Errorf("%s %s: %+v, want %s %q", tt.of.Name(), tt.pointer, got, tt.want, tt.note)
		}
	}
}

func TestADocumentWithoutExtensionSaysThatItAssumes(t *testing.T) {
	doc := `{"asyncapi":"3.0.0","info":{"title":"My Shop!","version":"1"},
		"channels":{"c":{"messages":{"paid":{"payload":{"type":"object","required":["sum"],"properties":{"sum":{"type":"integer"}}}},
			"left":{"payload":{"type":"object","required":["who"],"properties":{"who":{"type":"string"}}}}}}},
		"operations":{"o":{"action":"send","channel":{"$ref":"#/channels/c"}}}}`
	c, err := Load(fstest.MapFS{"shop.json": {Data: []byte(doc)}}, "shop.json")
	if err != nil {
		t.Fatal(err)
	}
	paid := eventType(t, c, "paid")
	if got := paid.Policy().Provenance("timeout").Level; got != Assumed {
		t.Errorf("the time-out is %s", got)
	}
	if s, from := c.Signature(); s.Signs() || from.Level != Assumed {
		t.Errorf("signature %+v, %s", s, from)
	}
	if c.Provider() != "my-shop" {
		t.Errorf("provider %q", c.Provider())
	}
	for body, want := range map[string]string{`{"sum":1}`: "paid", `{"who":"a"}`: "left", `{"sum":1,"who":"a"}`: "", `{}`: ""} {
		got, err := c.Open(request("", body), OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		name := ""
		if len(got.Events) == 1 {
			name = got.Events[0].Type.Name()
		}
		if name != want || (want == "") != (len(got.Violations) > 0) {
			t.Errorf("%s: opened as %q with %v", body, name, got.Violations)
		}
	}
}

func request(path, body string) *Request {
	return &Request{Method: "POST", URL: path, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestOpenIsTheInverseOfSeal(t *testing.T) {
	secret := signature.NewSecret("0123456789abcdef")
	for _, tt := range []struct {
		contract, event, url, body, wantURL string
		secrets                             []signature.Secret
	}{
		{"parcels.yaml", "sent", "http://127.0.0.1:1/base/?a=b", ` {"type":"office.sent.v1", "id":1e0, "depot":"n/o rth"} `,
			"http://127.0.0.1:1/base/hooks/n%2Fo%20rth?a=b", []signature.Secret{secret}},
		{"batches.yaml", "up", "https://ann:p%40ss@shop.example", `{"data":{"events":[ {"kind":"up","by":3} ]}}`, "https://shop.example/in", nil},
	} {
		c := load(t, tt.contract)
		ev := Event{Type: eventType(t, c, tt.event), Body: []byte(tt.body)}
		r, err := c.Seal(ev, SealOptions{URL: tt.url, Secrets: tt.secrets, ID: "d1", Time: noon})
		if err != nil {
			t.Fatal(err)
		}
		if r.URL != tt.wantURL || !bytes.Equal(r.Body, ev.Body) {
			t.Errorf("sealed for %s with %s", r.URL, r.Body)
		}
		opening := tt.secrets
		if opening == nil {
			opening = []signature.Secret{signature.NewSecret("ann:p@ss")}
		}
		got, err := c.Open(r, OpenOptions{Secrets: opening, Now: noon})
		if err != nil || !got.OK() || !got.Checked || len(got.Events) != 1 || !got.Events[0].Equal(ev) {
			t.Errorf("%s: opened %+v, %v", tt.event, got, err)
		}
		wrong, err := c.Open(r, OpenOptions{Secrets: []signature.Secret{signature.NewSecret("ann:fedcba9876543210")}, Now: noon})
		if err != nil || wrong.Signature.OK() {
			t.Errorf("%s: a wrong secret was accepted", tt.event)
		}
	}
}

func TestOpenCutsABatchIntoItsEvents(t *testing.T) {
	c := load(t, "batches.yaml")
	body := `{ "data" : {"events":[ {"kind":"up","by":3} , {"kind":"down","by":"x"},{"kind":"sideways"}] , "n":1}}`
	got, err := c.Open(&Request{Method: "POST", URL: "/in", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}, OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Checked {
		t.Error("nothing was there to check, and it says it checked")
	}
	want := []string{`{ "data" : {"events":[ {"kind":"up","by":3}] , "n":1}}`, `{ "data" : {"events":[ {"kind":"down","by":"x"}] , "n":1}}`}
	if len(got.Events) != 2 || string(got.Events[0].Body) != want[0] || string(got.Events[1].Body) != want[1] {
		t.Errorf("cut into %+v", got.Events)
	}
	var at []string
	for _, v := range got.Violations {
		at = append(at, v.Rule+" "+v.Pointer)
	}
	if !reflect.DeepEqual(at, []string{"type /data/events/1/by", "event /data/events/2/kind"}) {
		t.Errorf("violations %v", got.Violations)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	c := load(t, "parcels.yaml")
	good := `{"type":"office.sent.v1","id":1,"depot":"n"}`
	for _, tt := range []struct{ name, method, url, contentType, body, want string }{
		{"nothing", "PUT", "/hooks/n", "application/json; charset=utf-8", good, ""},
		{"method", "POST", "/hooks/n", "application/json", good, "method"},
		{"path", "PUT", "/hooks/m", "application/json", good, "path"},
		{"media type", "PUT", "/hooks/n", "text/plain", good, "content-type"},
		{"no media type", "PUT", "/hooks/n", "", good, "content-type"},
		{"unknown event", "PUT", "/hooks/n", "application/json", `{"type":"office.sent.v2","id":1,"depot":"n"}`, "event"},
		{"no event", "PUT", "/hooks/n", "application/json", `{}`, "event"},
		{"event of a wrong type", "PUT", "/hooks/n", "application/json", `{"type":{}}`, "event"},
		{"no JSON", "PUT", "/hooks/n", "application/json", `{"type":`, "json"},
		{"no body", "PUT", "/hooks/n", "application/json", ``, "json"},
		{"schema", "PUT", "/hooks/n", "application/json", `{"type":"office.sent.v1","id":"1","depot":"n"}`, "type"},
		{"required", "PUT", "/hooks/n", "application/json", `{"type":"office.sent.v1","depot":"n"}`, "required"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &Request{Method: tt.method, URL: tt.url, Header: http.Header{}, Body: []byte(tt.body)}
			if tt.contentType != "" {
				r.Header.Set("Content-Type", tt.contentType)
			}
			got, err := c.Open(r, OpenOptions{Unchecked: true})
			if err != nil {
				t.Fatal(err)
			}
			var rules []string
			for _, v := range got.Violations {
				rules = append(rules, v.Rule)
			}
			if strings.Join(rules, " ") != tt.want {
				t.Errorf("violations %v, want %q", got.Violations, tt.want)
			}
		})
	}
}

func TestNoSecretIsNeverASkip(t *testing.T) {
	c := load(t, "parcels.yaml")
	ev := Event{Type: eventType(t, c, "sent"), Body: []byte(`{"type":"office.sent.v1","id":1,"depot":"n"}`)}
	if _, err := c.Seal(ev, SealOptions{URL: "http://x.example"}); !errors.Is(err, signature.ErrNoSecret) {
		t.Errorf("sealed without a secret: %v", err)
	}
	if _, err := c.Open(request("/hooks/n", string(ev.Body)), OpenOptions{}); !errors.Is(err, signature.ErrNoSecret) {
		t.Errorf("opened without a secret: %v", err)
	}
}

func TestSealRefuses(t *testing.T) {
	c, other := load(t, "parcels.yaml"), load(t, "batches.yaml")
	sent := Event{Type: eventType(t, c, "sent"), Body: []byte(`{"type":"office.sent.v1","id":1,"depot":"n"}`)}
	secrets := []signature.Secret{signature.NewSecret("s3cr3t-s3cr3t")}
	for _, tt := range []struct {
		name, url string
		ev        Event
		want      string
	}{
		{"another scheme", "ftp://x.example", sent, "http"},
		{"no host", "http:///a", sent, "host"},
		{"no URL", "http://user:hunter2@[", sent, "no URL"},
		{"another contract's event", "http://x.example", Event{Type: eventType(t, other, "up")}, "not one of"},
		{"no type", "http://x.example", Event{}, "not one of"},
		{"a path without its value", "http://x.example", Event{Type: sent.Type, Body: []byte(`{}`)}, "/depot"},
	} {
		_, err := c.Seal(tt.ev, SealOptions{URL: tt.url, Secrets: secrets})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestUnknownEventNamesTheNearest(t *testing.T) {
	_, err := load(t, "parcels.yaml").EventType("snet")
	var unknown *UnknownEventError
	if !errors.As(err, &unknown) || !reflect.DeepEqual(unknown.Nearest, []string{"sent"}) {
		t.Errorf("%v", err)
	}
}

// TestLoadRefuses holds what a broken document is told, with its place.
func TestLoadRefuses(t *testing.T) {
	valid, err := os.ReadFile("testdata/parcels.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new, want, pointer string }{
		{"version 2", "asyncapi: 3.1.0", "asyncapi: 2.6.0", "2.6.0", "/asyncapi"},
		{"OpenAPI", "asyncapi: 3.1.0", "openapi: 3.1.0", "OpenAPI", "/openapi"},
		{"no AsyncAPI", "asyncapi: 3.1.0", "swagge: 1", "asyncapi", ""},
		{"unknown key", "timeout: 5s", "timout: 5s", `"timout"`, "/x-hookrig/delivery/timout"},
		{"number", "timeout: 5s", "timeout: 5", "write 5s", "/x-hookrig/delivery/timeout"},
		{"duration", "timeout: 5s", "timeout: 5 seconds", "duration", "/x-hookrig/delivery/timeout"},
		{"status", `"304"`, `"3O4"`, "status", "/x-hookrig/delivery/success/1"},
		{"level", "/timeout: {level: reported,", "/timeout: {level: rumoured,", "rumoured", "/x-hookrig/delivery/provenance/~1timeout/level"},
		{"pointer", "members: [/id]", "members: [id]", "JSON Pointer", "/x-hookrig/identity/members/0"},
		{"algorithm", "algorithm: hmac-sha256", "algorithm: hmac-sha265", "hmac-sha265", "/x-hookrig/signature/algorithm"},
		{"dangling channel", `channel: {$ref: "#/channels/parcels"}`, `channel: {$ref: "#/channels/parcel"}`, "#/channels/parcel", "/operations/parcels/channel/$ref"},
		{"dangling message", `{$ref: "#/components/messages/lost"}`, `{$ref: "#/components/messages/los"}`, "los", "/channels/parcels/messages/lost/$ref"},
		{"remote message", `{$ref: "#/components/messages/lost"}`, `{$ref: "https://x.example/a.yaml"}`, "x.example", "/channels/parcels/messages/lost/$ref"},
		{"outside the root", `{$ref: "#/components/messages/lost"}`, `{$ref: "../../etc/passwd"}`, "etc", "/channels/parcels/messages/lost/$ref"},
		{"receiver's side", "action: send", "action: receive", "sends", "/operations"},
		{"action", "action: send", "action: sned", "sned", "/operations/parcels/action"},
		{"parameter", "location: $message.payload#/depot", "description: a depot", "depot", "/channels/parcels/parameters/depot"},
		{"duplicate name", "name: lost", "name: sent", "second event", "/components/messages/lost"},
		{"conflict", "[sent, lost]", "[sent, los]", `"los"`, "/x-hookrig/registration/conflicts/0/1"},
		{"no payload", "      payload:\n        type: object\n        required: [type, id, depot]\n        properties:\n          type: {const: office.gone.v1}", "      paylod:\n        type: object\n        required: [type, id, depot]\n        properties:\n          type: {const: office.gone.v1}", "payload", "/components/messages/lost"},
		{"media type", "name: lost", "name: lost\n      contentType: application/xml", "application/xml", "/components/messages/lost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !bytes.Contains(valid, []byte(tt.old)) {
				t.Fatalf("the document has no %q", tt.old)
			}
			doc := bytes.Replace(valid, []byte(tt.old), []byte(tt.new), 1)
			_, err := Load(fstest.MapFS{"c.yaml": {Data: doc}}, "c.yaml")
			var at *schema.Error
			if !errors.As(err, &at) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(at.Message+at.Hint, tt.want) || at.Pointer != tt.pointer || at.File != "c.yaml" || at.Line == 0 {
				t.Errorf("got %v, pointer %q, hint %q", err, at.Pointer, at.Hint)
			}
		})
	}
}

func TestRefsAcrossFilesStayInTheRoot(t *testing.T) {
	main := `{"asyncapi":"3.0.0","info":{"title":"a","version":"1"},
		"operations":{"o":{"action":"send","channel":{"$ref":"sub/channels.yaml#/c"}}}}`
	channels := "c: {messages: {m: {payload: {$ref: \"shapes.json#/m\"}}}}"
	shapes := `{"m":{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}}}`
	c, err := Load(fstest.MapFS{"main.json": {Data: []byte(main)}, "sub/channels.yaml": {Data: []byte(channels)}, "sub/shapes.json": {Data: []byte(shapes)}}, "main.json")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := eventType(t, c, "m").Validate([]byte(`{"a":"x"}`)); err != nil || len(v) != 1 {
		t.Errorf("%v, %v", v, err)
	}
}

func TestCirclesOfReferencesEnd(t *testing.T) {
	doc := `{"asyncapi":"3.0.0","info":{"title":"a","version":"1"},"channels":{"a":{"$ref":"#/channels/b"},"b":{"$ref":"#/channels/a"}},
		"operations":{"o":{"action":"send","channel":{"$ref":"#/channels/a"}}}}`
	_, err := Load(fstest.MapFS{"c.json": {Data: []byte(doc)}}, "c.json")
	if err == nil || !strings.Contains(err.Error(), "circle") {
		t.Errorf("%v", err)
	}
}
