package signature_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
	"github.com/hookrig/hookrig/contracts/signature"
	"go.yaml.in/yaml/v4"
)

// A secret shows itself nowhere, however it is printed and wherever it sits.
func TestSecretIsRedacted(t *testing.T) {
	const text = "hunter2"
	secret := signature.NewSecret(text)
	type exported struct{ S signature.Secret }
	type unexported struct {
		s    signature.Secret
		list []signature.Secret
		m    map[string]signature.Secret
		p    *signature.Secret
	}
	values := []any{secret, &secret, []signature.Secret{secret}, map[string]signature.Secret{"s": secret}, exported{secret}, &exported{secret},
		unexported{s: secret, list: []signature.Secret{secret}, m: map[string]signature.Secret{"a": secret}, p: &secret}, any(secret)}
	see := func(how, got string) {
		t.Helper()
		for _, leak := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), "104 117 110", "0x68, 0x75"} {
			if strings.Contains(got, leak) {
				t.Errorf("%s: %s", how, got)
			}
		}
	}
	for i, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%U", "%c", "%10.3s", "%T", "%p", "%w", "%!"} {
			see(fmt.Sprint(i, verb), fmt.Sprintf(verb, value))
		}
		see("Print", fmt.Sprint(value))
		see("Errorf", fmt.Errorf("bad: %v", value).Error())
		if text, err := json.Marshal(value); err == nil {
			see("JSON", string(text))
		}
		if text, err := yaml.Marshal(value); err == nil {
			see("YAML", string(text))
		}
		if text, err := xml.Marshal(value); err == nil {
			see("XML", string(text))
		}
		see("diff", cmp.Diff(value, nil, cmp.AllowUnexported(unexported{})))
		var b bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
			slog.New(handler).Info("x", "secret", value, slog.Group("g", "s", value))
		}
		_ = template.Must(template.New("").Parse("{{.}} {{printf `%s` .}} {{html .}} {{js .}}")).Execute(&b, value)
		see("log and template", b.String())
	}
	for _, got := range []string{secret.String(), secret.GoString(), secret.LogValue().String(), fmt.Sprintf("%x", secret), fmt.Sprintf("%+v", exported{secret})[3:13]} {
		if got != "[redacted]" {
			t.Errorf("%q", got)
		}
	}
	if text, err := json.Marshal(map[string]signature.Secret{"s": secret}); err != nil || string(text) != `{"s":"[redacted]"}` {
		t.Errorf("%s, %v", text, err)
	}
	if text, err := secret.MarshalText(); err != nil || string(text) != "[redacted]" {
		t.Errorf("%s, %v", text, err)
	}
}

func TestSecret(t *testing.T) {
	a, b := signature.NewSecret("a"), signature.NewSecret("b")
	if a.Reveal() != "a" || a.IsZero() || !a.Equal(signature.NewSecret("a")) || a.Equal(b) || a.Equal(signature.Secret{}) {
		t.Error("a secret is its text")
	}
	for _, none := range []signature.Secret{{}, signature.NewSecret("")} {
		if !none.IsZero() || none.Reveal() != "" || !none.Equal(signature.Secret{}) {
			t.Error("an empty secret is none")
		}
	}
	if !cmp.Equal([]signature.Secret{a}, []signature.Secret{signature.NewSecret("a")}) {
		t.Error("go-cmp cannot compare secrets")
	}
	if err := error(&signature.SecretError{Index: 1, Problem: "it is x"}); err.Error() != "secret 2: it is x" || errors.Is(err, signature.ErrNoSecret) {
		t.Error(err)
	}
}

// One secret signs by several schemes at once, and what is kept of one use is
// never taken for another.
func TestASecretOfManyUses(t *testing.T) {
	secret := signature.NewSecret("hunter2-hunter2-hunter2")
	schemes := []signature.Scheme{bodyOnly, bodyAndTime, listed}
	var want []http.Header
	for _, s := range schemes {
		h, err := s.Sign(input, signature.NewSecret(secret.Reveal())) // a fresh one
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, h)
	}
	var crew sync.WaitGroup
	for range 4 {
		crew.Go(func() {
			for n := range 300 {
				i := n % len(schemes)
				if h, err := schemes[i].Sign(input, secret); err != nil || !reflect.DeepEqual(h, want[i]) {
					t.Errorf("%v, %v; want %v", h, err, want[i])
					return
				}
			}
		})
	}
	crew.Wait()
}
