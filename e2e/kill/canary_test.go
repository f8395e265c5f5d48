package kill

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// What went in as a secret stands in the store of secrets and nowhere else: not in
// the journal's files, what the program prints, answers, exports, metrics, or the
// receiver's neighbours.
func TestCanary(t *testing.T) {
	const canary = "Q2FuYXJ5LW9mLXRoZS1iaW5hcnk"
	dir := t.TempDir()
	journal := filepath.Join(dir, "journal")
	var mu sync.Mutex
	seen := map[string]bool{} // what the receiver got, so that the test tests something
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		mu.Lock()
		defer mu.Unlock()
		seen["basic"] = seen["basic"] || password == canary
		seen["header"] = seen["header"] || r.Header.Get("X-Api-Key") == canary
		seen["query"] = seen["query"] || r.URL.Query().Get("token") == canary
		seen["signed"] = seen["signed"] || r.Header.Get("X-Shop-Signature") != ""
		if r.URL.Path == "/fails" {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(shop.Close)
	private := strings.Replace(shop.URL, "http://", "http://u:"+canary+"@", 1)

	cmd := command(t, "serve", "--format", "json", "--addr", "127.0.0.1:0", "--journal", journal,
		"--contract", "testdata/shop.yaml", "--secret-env", "SHOP_SECRET")
	cmd.Env = append(cmd.Env, "SHOP_SECRET="+canary)
	var printed strings.Builder
	p, err := awaitPrinting(t, cmd, cmd.Start, &printed)
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	ask := func(method, path, body string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode >= 300 {
			t.Fatalf("%s %s: %s %s, %v", method, path, res.Status, text, err)
		}
		answers = append(answers, fmt.Sprint(res.Header)+string(text))
		return string(text)
	}
	ask("PUT", "/api/v1/secrets/second", `{"value":"`+canary+`"}`)
	ask("PUT", "/api/v1/endpoints/header", `{"url":"`+shop.URL+`/a?token=`+canary+`","secret":"second","headers":{"X-Api-Key":"`+canary+`"}}`)
	ask("PUT", "/api/v1/endpoints/basic", `{"url":"`+shop.URL+`/fails","secret":"second","basicAuth":{"user":"u","password":"`+canary+`"}}`)
	ask("POST", "/api/v1/subscriptions", `{"provider":"shop","events":["sold"],"url":"`+private+`/sub","secret":"second"}`)
	ask("PUT", "/api/v1/schedules/s", `{"every":"1h","provider":"shop","event":"sold","secret":"second","to":"`+private+`/s"}`)
	ask("POST", "/api/v1/schedules/s/start", "")
	for _, to := range []string{`"endpoint":"header"`, `"endpoint":"basic","once":true`, `"to":"` + private + `/fails","secret":"SHOP_SECRET","once":true`, `"count":3`} {
		ask("POST", "/api/v1/deliveries", `{"provider":"shop","event":"sold",`+to+`}`)
	}
	p.settled()
	for _, path := range []string{
		"/api/v1/secrets", "/api/v1/endpoints", "/api/v1/endpoints/header", "/api/v1/endpoints/basic", "/api/v1/subscriptions",
		"/api/v1/schedules", "/api/v1/runs", "/api/v1/deliveries", "/api/v1/journal?after=0", "/api/v1/journal?format=jsonl",
		"/api/v1/journal?format=har", "/api/v1/status", "/metrics", "/", "/api/openapi.json",
	} {
		ask("GET", path, "")
	}
	p.terminate()
	export, err := command(t, "journal", "--journal", journal).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, export)
	}

	mu.Lock()
	defer mu.Unlock()
	for _, what := range []string{"basic", "header", "query", "signed"} {
		if !seen[what] {
			t.Errorf("the receiver got no %s: the test tests less than it says", what)
		}
	}
	texts := map[string]string{"an answer": strings.Join(answers, "\n"), "what it printed": printed.String() + p.err.String(), "hookrig journal": string(export)}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if f.Name() == "journal.secrets" {
			continue // it is there for them
		}
		texts["file "+f.Name()] = string(text)
	}
	if len(texts["file journal"]) == 0 || len(texts["what it printed"]) == 0 {
		t.Error("there is nothing to look at")
	}
	for where, text := range texts {
		spellings := []string{canary, canary[3 : len(canary)-3], url.QueryEscape("u:" + canary)}
		for before := range 3 { // as a part of something in base64
			spellings = append(spellings, base64.RawStdEncoding.EncodeToString([]byte("u::"[:before] + canary))[4:32])
		}
		for _, spelled := range spellings {
			if i := strings.Index(text, spelled); i >= 0 {
				t.Errorf("a secret in %s: …%s…", where, text[max(0, i-200):min(len(text), i+100)])
			}
		}
	}
}
