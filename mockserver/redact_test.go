package mockserver

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/signature"
)

func TestRedactURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://shop.test/hooks?a=1&b=2":               "https://shop.test/hooks?a=1&b=2",
		"https://user:pass@shop.test/hooks":             "https://shop.test/hooks",
		"https://shop.test/?token=x&a=1&access_token=y": "https://shop.test/?token=[redacted]&a=1&access_token=[redacted]",
		"https://shop.test/?API%5FKEY=x":                "https://shop.test/?API%5FKEY=[redacted]",
		"https://shop.test/?monkey=1&Key=2&flag":        "https://shop.test/?monkey=1&Key=[redacted]&flag",
		"http://user:pass@[broken/":                     "[redacted]",
	} {
		if got := RedactURL(raw); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// Secrets of all kinds, and what they look like wherever the server writes.
func TestNothingSecretIsWritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var logged bytes.Buffer
		inbox := NewInbox(shop(), InboxOptions{Secrets: []signature.Secret{secret}})
		s := Start(t, Options{
			Transport: InProcess(inbox),
			Logger:    slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		p := parcel("https://canary-user:canary-pass@shop.test/hooks?token=canary-token", nil)
		p.Endpoint.Header = http.Header{"X-Gateway": {"canary-gateway"}, "Cookie": {"canary-cookie"}, "Authorization": {"Bearer canary-bearer"}}
		d := s.Send(p)
		o := wait(t, d)
		if o.State != Delivered {
			t.Fatalf("%+v", o)
		}
		for _, broken := range []string{"https://canary-user:canary-pass@shop.test:port/?token=canary-token", "ftp://canary-user:canary-pass@shop.test/?token=canary-token"} {
			p.Endpoint.URL = broken
			if _, err := s.Send(p).Wait(t.Context()); err == nil {
				t.Errorf("%s was delivered to", broken)
			} else {
				logged.WriteString(err.Error())
			}
		}

		sent := inbox.Received()[0].Request
		for _, name := range []string{"X-Gateway", "Cookie", "Authorization", "X-Shop-Signature"} {
			if got := o.Attempts[0].Request.Header.Get(name); got != "[redacted]" {
				t.Errorf("%s stands as %q", name, got)
			}
			if sent.Header.Get(name) == "[redacted]" {
				t.Errorf("%s was sent redacted", name)
			}
		}
		if o.Attempts[0].Request.Header.Get("X-Shop-Id") != d.ID() {
			t.Error("what is no secret is hidden too")
		}
		everything, err := json.Marshal([]any{entries(t, s), o})
		if err != nil {
			t.Fatal(err)
		}
		everything = append(everything, logged.Bytes()...)
		signed := sent.Header.Get("X-Shop-Signature")
		for _, canary := range []string{"canary-pass", "canary-token", "canary-gateway", "canary-cookie", "canary-bearer", secret.Reveal(), signed} {
			if i := strings.Index(string(everything), canary); i >= 0 && canary != "" {
				t.Errorf("%q is written: …%s…", canary, everything[max(0, i-100):i+50])
			}
		}
	})
}
