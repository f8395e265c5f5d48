package egress

import (
	"errors"
	"io"
	"log"
	"strings"
	"testing"
)

var discard = log.New(io.Discard, "", 0)

func TestCheckURL(t *testing.T) {
	for _, good := range []string{
		"http://localhost", "http://localhost:8080/webhooks?shop=1", "https://user:pa%20ss@shop.example/hooks",
		"http://127.0.0.1:1/", "http://[::1]:65535/x", "https://[fe80::1%25eth0]/", "HTTPS://SHOP.EXAMPLE/", "http://münchen.example/ä",
		"http://4you.example/", "http://1.2.example/", "http://a.0xy/", "http://localhost./", "http://x/%20",
	} {
		if u, err := CheckURL(good); err != nil || u == nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"":                         "empty",
		"localhost":                "no scheme",
		"localhost:8080/x":         "no scheme",
		"127.0.0.1:80":             "no scheme",
		"//host/x":                 "no scheme",
		"/x":                       "no scheme",
		"ftp://host/":              "not http",
		"file:///etc/passwd":       "not http",
		"gopher://x":               "not http",
		"unix:/run/x":              "not http",
		"http+unix://%2frun%2fx/":  "",
		"http:host":                "no host",
		"http://":                  "no host",
		"http:///x":                "no host",
		"http://:80/":              "no host",
		"http://u:hunter2@/":       "no host",
		"http://host:0/":           "port",
		"http://host:65536/":       "port",
		"http://host:/":            "port",
		"http://host:8o/":          "read",
		"http://u:hunter2@host:x/": "read",
		"http://ho st/":            "space",
		" http://host/":            "space",
		"http://host/\n":           "space",
		"http://host/a\tb":         "space",
		"http://host/\u00a0":       "space",
		"http://host/\x00":         "space",
		`http:\\host\x`:            "backslash",
		"http://host/#top":         "fragment",
		"http://2130706433/":       "neither",
		"http://127.1/":            "neither",
		"http://0177.0.0.1/":       "neither",
		"http://0x7f.0.0.1/":       "neither",
		"http://0x7f000001/":       "neither",
		"http://127.0.0.1./":       "neither",
		"http://①②⑦.⓪.⓪.①/":        "look like",
		"http://１２７.0.0.1/":        "look like",
		"http://127。0。0。1/":        "look like",
		"http://ⓛⓞⓒalhost/":        "look like",
		"http://host..":            "",
		"http://[127.0.0.1]/":      "",
		"http://[host]/":           "",
	} {
		u, err := CheckURL(bad)
		var problem *URLError
		if !errors.As(err, &problem) || u != nil {
			t.Errorf("%q: %v, %v", bad, u, err)
			continue
		}
		if !strings.Contains(problem.Problem, want) || problem.Hint() == "" || strings.Contains(err.Error()+problem.Hint(), "hunter2") {
			t.Errorf("%q: %v (hint: %s), want %q", bad, err, problem.Hint(), want)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	f.Add("http://localhost:8080/x")
	f.Add("http://[::1%25eth0]:80")
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := CheckURL(raw)
		if (u == nil) == (err == nil) {
			t.Fatalf("%v, %v", u, err)
		}
		if u != nil && (u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https") {
			t.Fatalf("accepted %q", raw)
		}
	})
}
