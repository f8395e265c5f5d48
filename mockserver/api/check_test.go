package api

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// The document is what kin-openapi reads, and requests are judged by our own
// validator: they must mean the same.
func TestBothValidatorsAgree(t *testing.T) {
	g := newRig(t, answers(200))
	for _, c := range []struct {
		operation string
		right     []string
		wrong     []string
	}{
		{"sendDeliveries", []string{
			`{"provider":"p","event":"e"}`,
			`{"provider":"p","event":"e","to":"u","count":10000,"rate":0.1,"seed":0,"set":{"/a~1b":null,"/x/0":[1]},"force":true,"label":"ä b"}`,
			`{"provider":"p","event":"e","endpoint":"_a.b-c","secret":"S_1","count":3.0}`,
			`{"provider":"p","event":"e","id":"a_B-9","key":"k 1","once":true,"delay":"1d12h","tamper":"drop"}`,
			`{"provider":"p","event":"e","delay":"1.5s","tamper":{"drop":0.5,"delay":1}}`,
		}, []string{
			`null`, `[]`, `{}`, `{"provider":"p"}`, `{"provider":1,"event":"e"}`, `{"provider":"","event":"e"}`,
			`{"provider":"p","event":"e","x":1}`, `{"provider":"p","event":"e","count":1.5}`, `{"provider":"p","event":"e","count":1000001}`,
			`{"provider":"p","event":"e","rate":0}`, `{"provider":"p","event":"e","seed":9007199254740993}`, `{"provider":"p","event":"e","set":{"a":1}}`,
			`{"provider":"p","event":"e","set":{"/~2":1}}`, `{"provider":"p","event":"e","set":{"":1}}`, `{"provider":"p","event":"e","force":"yes"}`,
			`{"provider":"p","event":"e","label":"\u0007"}`, `{"provider":"p","event":"e","label":""}`, `{"provider":"p","event":"e","secret":".a"}`,
			`{"provider":"p","event":"e","id":"a.b"}`, `{"provider":"p","event":"e","id":"counts"}`, `{"provider":"p","event":"e","id":""}`,
			`{"provider":"p","event":"e","delay":"1"}`, `{"provider":"p","event":"e","delay":"-1s"}`, `{"provider":"p","event":"e","delay":5}`,
			`{"provider":"p","event":"e","tamper":3}`, `{"provider":"p","event":"e","tamper":{"drop":2}}`, `{"provider":"p","event":"e","once":1}`,
			`{"provider":"p","event":"e","label":"a\u202eb"}`, `{"provider":"p","event":"e","label":"a\u200bb"}`, `{"provider":"p","event":"e","key":"\u0085"}`,
			`{"provider":"p","event":"e","endpoint":"a/b"}`, `{"provider":"p","event":"e","to":"` + strings.Repeat("x", 2001) + `"}`,
		}},
		{"putSecret", []string{`{"value":"x"}`}, []string{`{}`, `{"value":""}`, `{"value":null}`, `{"value":"x","name":"y"}`, `"x"`}},
		{"putEndpoint", []string{
			`{"url":"u"}`, `{"url":"u","secret":"s","headers":{}}`, `{"url":"u","headers":{"X-A":"a\tb","x!":""}}`,
			`{"url":"u","basicAuth":{"user":"u","password":""},"tls":{"serverName":"a.b"},"rate":0.5,"concurrency":4,"tamper":{"drop":0}}`,
		}, []string{
			`{}`, `{"url":1}`, `{"url":"u","secret":""}`, `{"url":"u","headers":[]}`, `{"url":"u","headers":{"X A":"a"}}`, `{"url":"u","headers":{"":"a"}}`,
			`{"url":"u","headers":{"X":1}}`, `{"url":"u","headers":{"X":"a\nb"}}`, `{"url":"u","header":{}}`,
			`{"url":"u","basicAuth":{"user":"u"}}`, `{"url":"u","basicAuth":{"user":"","password":"p"}}`, `{"url":"u","tls":{}}`, `{"url":"u","tls":{"insecure":true}}`,
			`{"url":"u","rate":0}`, `{"url":"u","concurrency":0}`, `{"url":"u","concurrency":1.5}`, `{"url":"u","tls":{"serverName":"a b"}}`,
		}},
	} {
		o := g.api.operations[c.operation]
		for i, body := range append(c.right, c.wrong...) {
			err := openapi3filter.ValidateRequestBody(t.Context(), &openapi3filter.RequestValidationInput{
				Request: request(o.Method, o.Path, body), Route: &o.Route,
				Options: &openapi3filter.Options{MultiError: true, SkipSettingDefaults: true},
			}, o.Operation.RequestBody.Value)
			ours := o.body.Validate([]byte(body))
			if right := i < len(c.right); (err == nil) != right || (len(ours) == 0) != right {
				t.Errorf("%s %s: kin-openapi %v, ours %v", c.operation, body, err, ours)
			}
		}
	}
}
