package signature_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

func TestCheck(t *testing.T) {
	for _, shape := range shapes {
		if err := shape.scheme.Check(); err != nil {
			t.Errorf("%s: %v", shape.name, err)
		}
	}
	type scheme = signature.Scheme
	for _, c := range []struct {
		base   scheme
		change func(*scheme)
		member string
		want   string // "" where the change is sound
	}{
		{standard, func(s *scheme) { s.Algorithm = "hmac-sha265" }, "algorithm", `nearest is "hmac-sha256"`},
		{standard, func(s *scheme) { s.Algorithm = "HS256" }, "algorithm", `unknown`},
		{standard, func(s *scheme) { s.Algorithm = "md5" }, "algorithm", `unknown`},
		{standard, func(s *scheme) { s.Algorithm = "" }, "signed", "no meaning"},
		{standard, func(s *scheme) { s.Algorithm = "none" }, "signed", "no meaning"},
		{standard, func(s *scheme) { s.Algorithm = "jwt-hs256" }, "signed", "not signed"},
		{standard, func(s *scheme) { s.Algorithm = "basic" }, "header", "Authorization"},
		{standard, func(s *scheme) { s.Signed = "" }, "signed", "missing"},
		{standard, func(s *scheme) { s.Signed = "{id}.{timestamp}" }, "signed", "no {body}"},
		{standard, func(s *scheme) { s.Signed = "{id}.{timestamp}.{boddy}" }, "signed", "nearest is {body}"},
		{standard, func(s *scheme) { s.Signed = "{id}.{timestamp}.{body" }, "signed", "brace"},
		{standard, func(s *scheme) { s.Signed = "{id}.timestamp}.{body}" }, "signed", "brace"},
		{standard, func(s *scheme) { s.Signed = "{}{body}" }, "signed", "unknown"},
		{standard, func(s *scheme) { s.Signed = "{body}{}" }, "signed", "unknown"},
		{standard, func(s *scheme) { s.Signed = "{signature}{body}" }, "signed", "unknown"},
		{standard, func(s *scheme) { s.Signed = "{body}" }, "", ""},
		{standard, func(s *scheme) { s.Encoding = "" }, "encoding", "missing"},
		{standard, func(s *scheme) { s.Encoding = "Hex" }, "encoding", "unknown"},
		{standard, func(s *scheme) { s.Header = "" }, "header", "missing"},
		{standard, func(s *scheme) { s.Header = "web hook" }, "header", "no header name"},
		{standard, func(s *scheme) { s.Header = "x\r\nY" }, "header", "no header name"},
		{standard, func(s *scheme) { s.Header = "ö" }, "header", "no header name"},
		{standard, func(s *scheme) { s.Header = "content-length" }, "header", "HTTP itself"},
		{standard, func(s *scheme) { s.IDHeader = "Host" }, "idHeader", "HTTP itself"},
		{standard, func(s *scheme) { s.IDHeader = "Webhook-Timestamp" }, "idHeader", "taken by timestampHeader"},
		{standard, func(s *scheme) { s.TimestampHeader = "WEBHOOK-SIGNATURE" }, "timestampHeader", "taken by header"},
		{standard, func(s *scheme) { s.TimestampHeader = "" }, "signed", "{timestamp} is signed and sent nowhere"},
		{standard, func(s *scheme) { s.IDHeader = "" }, "signed", "{id} is signed and sent nowhere"},
		{standard, func(s *scheme) { s.Signed, s.TimestampHeader = "{id}.{body}", "" }, "tolerance", "needs a timestamp"},
		{standard, func(s *scheme) { s.Tolerance = -1 }, "tolerance", "negative"},
		{standard, func(s *scheme) { s.Value = "v1" }, "value", "no {signature}"},
		{standard, func(s *scheme) { s.Value = "{signature} {signature}" }, "value", "more than once"},
		{standard, func(s *scheme) { s.Value = "{sig}" }, "value", "nearest is {signature}"},
		{standard, func(s *scheme) { s.Value = "{body}{signature}" }, "value", "unknown"},
		{standard, func(s *scheme) { s.Value = "{signature}\n" }, "value", "printable"},
		{standard, func(s *scheme) { s.Value = "t={timestamp},{signature}" }, "timestampHeader", "already travels"},
		{standard, func(s *scheme) { s.Value = "{id},{signature}" }, "idHeader", "already travels"},
		{standard, func(s *scheme) { s.Separator = "+" }, "separator", "inside a signature"},
		{standard, func(s *scheme) { s.Separator = ";v1" }, "separator", "inside a signature"},
		{standard, func(s *scheme) { s.Separator = "\t" }, "value", "printable"},
		{standard, func(s *scheme) { s.Key = "hex" }, "key", "unknown"},
		{standard, func(s *scheme) { s.Key = "text" }, "keyPrefix", "not base64"},
		{standard, func(s *scheme) { s.Claims = map[string]string{"a": "b"} }, "claims", "no meaning"},
		{standard, func(s *scheme) { s.Optional = true }, "optional", "no meaning"},
		{listed, func(s *scheme) { s.Value = "{timestamp}{signature}"; s.Separator = "" }, "value", "tell them apart"},
		{listed, func(s *scheme) { s.Value = "t={timestamp},{timestamp},v1={signature}" }, "value", "more than once"},
		{listed, func(s *scheme) { s.Separator = "" }, "", ""},
		{token, func(s *scheme) { s.Header = "" }, "header", "missing"},
		{token, func(s *scheme) { s.Signed = "{body}" }, "signed", "not signed"},
		{token, func(s *scheme) { s.Tolerance = time.Minute }, "tolerance", "no meaning"},
		{token, func(s *scheme) { s.Optional = true }, "optional", "no meaning"},
		{token, func(s *scheme) { s.Claims = map[string]string{"x": "{body}"} }, "claims.x", "unknown"},
		{token, func(s *scheme) { s.Claims = map[string]string{"": "x"} }, "claims", "no name"},
		{token, func(s *scheme) { s.Claims = map[string]string{"exp": "never"} }, "claims.exp", "no time"},
		{token, func(s *scheme) { s.Claims = map[string]string{"exp": "{timestamp+5}"} }, "claims.exp", "no time"},
		{token, func(s *scheme) { s.Claims = map[string]string{"exp": "{timestamp5m}"} }, "claims.exp", "no time"},
		{token, func(s *scheme) { s.Claims = map[string]string{"exp": "{timestamp+1h}", "x": "{timestamp}-{id}"} }, "", ""},
		{token, func(s *scheme) { s.Claims = nil }, "", ""},
		{token, func(s *scheme) { s.Separator = "." }, "separator", "inside a signature"},
		{basic, func(s *scheme) { s.Header = "authorization" }, "", ""},
		{basic, func(s *scheme) { s.Header = "X-Auth" }, "header", "Authorization"},
		{basic, func(s *scheme) { s.Key = "base64" }, "key", "no meaning"},
		{basic, func(s *scheme) { s.Tolerance = 1 }, "tolerance", "no meaning"},
	} {
		s := c.base
		c.change(&s)
		err := s.Check()
		if c.want == "" {
			if err != nil {
				t.Errorf("%+v: %v", s, err)
			}
			continue
		}
		var problem *signature.SchemeError
		if !errors.As(err, &problem) || problem.Member != c.member || !strings.Contains(problem.Problem, c.want) {
			t.Errorf("%v, want %s: … %s", err, c.member, c.want)
		}
		// An unsound scheme never signs and never accepts.
		if _, err := s.Sign(input, secretFor(c.base)); !errors.As(err, &problem) {
			t.Errorf("%+v signs: %v", s, err)
		}
		if _, err := s.Verify(http.Header{}, nil, at, secretFor(c.base)); !errors.As(err, &problem) {
			t.Errorf("%+v checks: %v", s, err)
		}
	}
}

// Each member has a meaning somewhere, and is refused where it has none.
func TestNoMemberIsIgnored(t *testing.T) {
	fields := reflect.VisibleFields(reflect.TypeFor[signature.Scheme]())
	for _, field := range fields[1:] {
		var s signature.Scheme
		value := reflect.ValueOf(&s).Elem().FieldByIndex(field.Index)
		switch field.Type.Kind() {
		case reflect.String:
			value.SetString("x")
		case reflect.Int64:
			value.SetInt(1)
		case reflect.Bool:
			value.SetBool(true)
		case reflect.Map:
			value.Set(reflect.ValueOf(map[string]string{"a": "b"}))
		default:
			t.Fatalf("%s: %v", field.Name, field.Type)
		}
		var problem *signature.SchemeError
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if err := s.Check(); !errors.As(err, &problem) || problem.Member != name {
			t.Errorf("%s without an algorithm: %v", field.Name, err)
		}
	}
}

func TestSchemeIsPlainData(t *testing.T) {
	for _, shape := range shapes {
		text, err := json.Marshal(shape.scheme)
		if err != nil {
			t.Fatal(err)
		}
		var back signature.Scheme
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, shape.scheme) {
			t.Errorf("%s came back as %+v", text, back)
		}
	}
}
