package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A wrong signature is no broken contract, and bodies are shown on request.
func TestListenForPeople(t *testing.T) {
	var out bytes.Buffer
	c := newConsole(nil, strings.NewReader(""), &out, &out, func(string) (string, bool) { return "a-secret", true })
	l, err := c.newListener(&listenFlags{addr: "127.0.0.1:0", secrets: []string{"SECRET"}, body: true}, []string{"shoptet"})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/hooks", strings.NewReader(`{"eshopId":315185}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Shoptet-Webhook-Signature", "39451fbbeeaf3a70a2ff757838191554d7154d95")
	l.ServeHTTP(httptest.NewRecorder(), r)
	if err := l.verdict(); err != errBroken {
		t.Errorf("the verdict is %v", err)
	}
	_ = c.flush()
	for _, want := range []string{"\n    mismatch: ", "\n      \"eshopId\": 315185\n", "\n1 request received, 0 broke the contract, 1 signature refused\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("there is no %q in:\n%s", want, &out)
		}
	}
}

// What is kept lets nobody log in, and still proves the delivery.
func TestRecordingsHoldNoCredentials(t *testing.T) {
	file := filepath.Join(t.TempDir(), "save.jsonl")
	var out bytes.Buffer
	c := newConsole(nil, strings.NewReader(""), &out, &out, func(string) (string, bool) { return "a-secret", true })
	for _, provider := range []string{"ergonode", ""} {
		f := listenFlags{addr: "127.0.0.1:0", save: file, body: true}
		var args []string
		if provider != "" {
			args, f.secrets = []string{provider}, []string{"SECRET"}
		}
		l, err := c.newListener(&f, args)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("PUT", "/hooks?a=b&token=hunter2", strings.NewReader("{}"))
		for _, name := range []string{"Authorization", "Cookie", "X-Api-Key", "X-Shared-Secret", "X-Gitlab-Token"} {
			r.Header.Set(name, "hunter2")
		}
		r.Header.Set("X-App-Token", "the-signature")
		l.ServeHTTP(httptest.NewRecorder(), r)
		l.close()
	}
	_ = c.flush()
	saved, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(saved), out.String()} {
		if strings.Contains(text, "hunter2") || !strings.Contains(text, "a=b") {
			t.Errorf("credentials are kept:\n%s", text)
		}
	}
	if n := strings.Count(string(saved), "the-signature"); n != 1 {
		t.Errorf("the signature stands there %d times, want 1: where the contract names its header\n%s", n, saved)
	}
}

// A recording with holes is no recording.
func TestSaveOnAFullDisk(t *testing.T) {
	var out bytes.Buffer
	c := newConsole(nil, strings.NewReader(""), &out, &out, noEnv)
	l, err := c.newListener(&listenFlags{addr: "127.0.0.1:0", save: filepath.Join(t.TempDir(), "save.jsonl")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l.capture.file.Close() // no write succeeds any more
	for range 2 {
		l.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader("{}")))
	}
	select {
	case <-l.enough:
	default:
		t.Error("it goes on")
	}
	if err := l.verdict(); codeOf(err) != exitUnjudged || !strings.Contains(err.Error(), "cannot write") {
		t.Errorf("the verdict is %v", err)
	}
}
