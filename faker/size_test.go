package faker_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/faker"
)

// fanOut is a schema whose objects have ten members each, all of them objects,
// down to a depth; with all that is optional an instance has 10^depth values.
func fanOut(depth int) string {
	var defs []string
	for d := range depth {
		var members []string
		for i := range 10 {
			members = append(members, fmt.Sprintf(`"m%d":{"$ref":"#/$defs/d%d"}`, i, d+1))
		}
		defs = append(defs, fmt.Sprintf(`"d%d":{"type":"object","required":["m0"],"properties":{%s}}`, d, strings.Join(members, ",")))
	}
	defs = append(defs, fmt.Sprintf(`"d%d":{"type":"string","maxLength":3}`, depth))
	return `{"$ref":"#/$defs/d0","$defs":{` + strings.Join(defs, ",") + `}}`
}

// TestFanningOut: what would grow without end stays of a size that people and
// receivers take, and is cut at a level rather than at a member.
func TestFanningOut(t *testing.T) {
	for _, shape := range []faker.Shape{faker.Minimal, faker.Typical, faker.Full} {
		values, err := faker.FromSchema(compileText(t, fanOut(7)), faker.Options{Shape: shape})
		if err != nil {
			t.Fatal(err)
		}
		body := values.Append(nil, 0)
		if len(body) > 100_000 {
			t.Errorf("%s: %d bytes", shape, len(body))
		}
		if shape != faker.Full {
			continue
		}
		var tree map[string]map[string]any
		if err := json.Unmarshal(body, &tree); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"m0", "m9"} {
			if len(tree[name]) != 10 {
				t.Errorf("%s has %d members: the first and the last should have the same", name, len(tree[name]))
			}
		}
	}
	values, err := faker.FromSchema(compileText(t, fanOut(3)), faker.Options{Shape: faker.Full})
	if err != nil {
		t.Fatal(err)
	}
	if body := values.Append(nil, 0); strings.Count(string(body), ":") != 1110 {
		t.Errorf("%d members of 1110: what is no more than plenty is made in full", strings.Count(string(body), ":"))
	}
}

// TestFormatsInBranches: a format looks like itself wherever it stands.
func TestFormatsInBranches(t *testing.T) {
	values, err := faker.FromSchema(compileText(t, `{
		"type": "object", "required": ["link", "key", "mail"],
		"properties": {
			"link": {"anyOf": [{"type": "string", "format": "uri"}, {"type": "integer"}]},
			"mail": {"oneOf": [{"type": "string", "format": "email", "maxLength": 80}, {"type": "null"}]},
			"key": {"type": "string", "format": "byte"}
		}}`), faker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range uint64(50) {
		var v struct {
			Link, Mail any
			Key        string
		}
		if err := json.Unmarshal(values.Append(nil, n), &v); err != nil {
			t.Fatal(err)
		}
		if link, ok := v.Link.(string); ok {
			if u, err := url.Parse(link); err != nil || u.Scheme != "https" || u.Host == "" {
				t.Errorf("link %q", link)
			}
		}
		if mail, ok := v.Mail.(string); ok && !strings.Contains(mail, "@example.") {
			t.Errorf("mail %q", mail)
		}
		if _, err := base64.StdEncoding.DecodeString(v.Key); err != nil {
			t.Errorf("key %q: %v", v.Key, err)
		}
	}
}
