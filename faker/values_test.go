package faker_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/faker"
)

// Values of a bare schema take the edits of events.
func TestValuesTakeEdits(t *testing.T) {
	s := compileText(t, `
type: object
required: [id, tags]
properties:
  id: {type: integer, minimum: 1}
  note: {type: string}
  tags: {type: array, items: {type: string}}
additionalProperties: false
`)
	v, err := faker.FromSchema(s, faker.Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := v.Value()
	if err != nil || !bytes.Equal(plain, v.Append(nil, 0)) {
		t.Errorf("%s (%v) without edits", plain, err)
	}
	body, err := v.Value(faker.Nth(7), faker.Pool("/id", 41, 41), faker.Set("/tags/1", "b"), faker.Set("/note", nil), faker.Drop("/note"))
	var got struct {
		ID   int
		Note *string
		Tags []string
	}
	if err != nil || json.Unmarshal(body, &got) != nil || got.ID != 41 || len(got.Tags) < 2 || got.Tags[1] != "b" || bytes.Contains(body, []byte("note")) {
		t.Errorf("%s (%v)", body, err)
	}
	for want, edit := range map[string]faker.Edit{
		`the schema has no member "/ids"; did you mean /id?`:                      faker.Set("/ids", 1),
		`the schema: 0 of the pool for "/id" breaks the contract: /id: minimum: `: faker.Pool("/id", 5, 0),
	} {
		if _, err := v.Value(edit); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	broken, err := v.Broken(faker.Set("/id", 12))
	if err != nil {
		t.Fatal(err)
	}
	for x := range broken {
		if x.Label == "type:/tags" && !strings.Contains(string(x.Event.Body), `"id":12`) {
			t.Errorf("%s", x.Event.Body)
		}
	}
	if _, err := v.Broken(faker.Set("/id", 0)); err == nil {
		t.Error("a broken value is broken")
	}
}
