package verifier_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/catalog"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/examples/receivers"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

var update = flag.Bool("update", false, "collect the saved evidence anew, and rewrite what is generated from the code")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(gotLines), len(wantLines)) {
		if i >= len(gotLines) || i >= len(wantLines) || !bytes.Equal(gotLines[i], wantLines[i]) {
			t.Fatalf("%s:%d is out of date; -update rewrites it, then look at the difference", file, i+1)
		}
	}
}

// saved is the evidence of testdata: a receiver of the shop that believes
// everything, and no oracle.
func saved(t testing.TB) *verifier.Evidence {
	t.Helper()
	file, err := os.Open("testdata/evidence.json.gz") // a fiftieth of what is in it
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	e := new(verifier.Evidence)
	if err := json.NewDecoder(text).Decode(e); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestReports judges saved evidence and looks at every report of it.
func TestReports(t *testing.T) {
	c := shop(t)
	if *update {
		virtual(t, func(t *testing.T) {
			o := options(c, receivers.New(c, receivers.NoSignatureCheck, secretsOf(c)...))
			o.Seed, o.Oracle, o.SecretEnv, o.ContractArg = 7, nil, "SHOP_SECRET", "shop.yaml"
			e, err := verifier.Collect(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.MarshalIndent(e, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			if _, err := z.Write(append(text, '\n')); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			golden(t, "evidence.json.gz", packed.Bytes())
		})
	}
	r, err := verifier.Rejudge(c, saved(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"report.txt":  func(b *bytes.Buffer) error { return r.Text(b, false) },
		"report.json": func(b *bytes.Buffer) error { return r.JSON(b) },
		"report.xml":  func(b *bytes.Buffer) error { return r.JUnit(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
}

// What a run reports is what its saved evidence reports.
func TestRejudgeGivesTheSameReport(t *testing.T) {
	for _, name := range few(catalog.Names, "xentral", "scayle") {
		virtualRun(t, name, func(t *testing.T) {
			c := provider(t, name)
			o := options(c, receivers.New(c, receivers.NoSignatureCheck, secretsOf(c)...))
			o.Events = []string{c.EventTypes()[0].Name()}
			evidence, err := verifier.Collect(t.Context(), slim(o))
			if err != nil {
				t.Fatal(err)
			}
			first, err := verifier.Rejudge(c, evidence)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(evidence)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(text, []byte("canary-secret")) {
				t.Error("the evidence holds the secret")
			}
			var again verifier.Evidence
			if err := json.Unmarshal(text, &again); err != nil {
				t.Fatal(err)
			}
			second, err := verifier.Rejudge(c, &again)
			if err != nil || !reflect.DeepEqual(first, second) {
				t.Errorf("judged again, the evidence gives another report: %v", err)
			}
			other := provider(t, catalog.Names[(len(name)+1)%len(catalog.Names)])
			if _, err := verifier.Rejudge(other, evidence); err == nil && other.Provider() != name {
				t.Error("evidence of one contract was judged by another")
			}
		})
	}
}

// What a run in real time reports is what its saved evidence reports, whatever
// stands in states and sequences.
func TestRejudgeGivesTheSameReportAfterRealTime(t *testing.T) {
	c := provider(t, "shoptet")
	o := options(c, receivers.New(c, receivers.LastWriteWins, secretsOf(c)...))
	o.Events, o.Only = []string{"order:create", "order:update"}, []string{"acknowledgement", "state/newest-wins", "state/update-before-create"}
	evidence, err := verifier.Collect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(evidence.Trials) == 0 {
		t.Fatal("no sequence was sent")
	}
	for i := range evidence.Trials {
		trial := &evidence.Trials[i]
		for j := range trial.Sequence.Steps {
			trial.Sequence.Steps[j].Edits = map[string]json.RawMessage{"/note": json.RawMessage(`"a <b> & \u003Cc>"`)}
		}
		for j := range trial.Records {
			trial.Records[j].State, trial.Records[j].Reference = json.RawMessage("{ \"is\": \"<b>\u2028\\\\u003c\" }"), json.RawMessage(`{"is": "<i>"}`)
		}
	}
	first, err := verifier.Rejudge(c, evidence)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(evidence)
	if err != nil {
		t.Fatal(err)
	}
	var again verifier.Evidence
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	second, err := verifier.Rejudge(c, &again)
	var one, other bytes.Buffer
	if err := errors.Join(err, first.JSON(&one), second.JSON(&other)); err != nil {
		t.Fatal(err)
	}
	if one.String() != other.String() || !reflect.DeepEqual(first, second) {
		t.Errorf("judged again, the evidence gives another report:\n%s\n%s", one.String(), other.String())
	}
	if !strings.Contains(one.String(), "<b>") {
		t.Errorf("the state is not told as it is:\n%s", one.String())
	}
}

// Whatever a receiver answers, it does not steer a terminal or break the form.
func TestReportsOfHostileAnswers(t *testing.T) {
	c := shop(t)
	e := saved(t)
	for i := range e.Journal {
		if a := e.Journal[i].Attempt; a != nil {
			a.Status = 302
			a.Header = map[string][]string{"Location": {"\x1b[2J\u202egnp.exe\r\n<b>\xff]]>"}}
			a.Failure = "\x1b[31m\u0085"
			if i%2 == 0 {
				a.Failure = ""
			}
		}
	}
	r, err := verifier.Rejudge(c, e)
	if err != nil {
		t.Fatal(err)
	}
	var text, junit bytes.Buffer
	if err := r.Text(&text, false); err != nil {
		t.Fatal(err)
	}
	if err := r.JUnit(&junit); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexAny(text.String(), "\x1b\u202e\u0085\r"); i >= 0 {
		t.Errorf("the text report holds %q", text.String()[i])
	}
	if !strings.Contains(text.String(), "gnp.exe") {
		t.Error("the answer is not shown at all")
	}
	var form struct {
		Suites []struct {
			Cases []struct {
				Name string `xml:"name,attr"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(junit.Bytes(), &form); err != nil || len(form.Suites) != 6 {
		t.Errorf("the JUnit report has %d suites: %v", len(form.Suites), err)
	}
}

// FuzzRejudge: evidence is a file, and anything may stand in files.
func FuzzRejudge(f *testing.F) {
	c := shop(f)
	e := saved(f)
	e.Journal = e.Journal[:12]
	text, err := json.Marshal(e)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(fmt.Sprintf(`{"contract":%q,"planned":["state/duplicate-once","http/redirect"],"oracle":true,"journal":[{"kind":"queued","event":"sold","label":"x"},{"kind":"attempt"}]}`, c.Digest())))
	f.Fuzz(func(t *testing.T, text []byte) {
		var e verifier.Evidence
		if json.Unmarshal(text, &e) != nil {
			return
		}
		e.Contract = c.Digest()
		r, err := verifier.Rejudge(c, &e)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if r.Text(&out, true) != nil || r.JSON(&out) != nil || r.JUnit(&out) != nil || r.HTML(&out) != nil {
			t.Error("a report could not be written")
		}
	})
}

// Whoever refuses everything says why in the answer, and may tell too much.
func TestARefusedBaseline(t *testing.T) {
	for _, row := range []struct {
		provider, url string
		secret        string
		body          string
		answer        string
	}{
		{"shoptet", "http://receiver.test/hooks", "canary-secret-1", "\r\n  wrong \x1b[2Jkey, want canary-secret-1\nstack", "wrong \x1b[2Jkey, want [redacted]"},
		{"scayle", "http://shop:canary-secret-2@receiver.test/hooks", "", "c2hvcDpjYW5hcnktc2VjcmV0LTI= canary-secret-2", "[redacted] [redacted]"},
		{"scayle", "http://receiver.test/hooks", "shop:canary-secret-3", "not canary-secret-3", "not [redacted]"},
		{"shoptet", "http://receiver.test/hooks", "canary-secret-4", strings.Repeat("é", 500) + "canary-secret-4", strings.Repeat("é", 200) + "…"},
	} {
		virtual(t, func(t *testing.T) {
			c := provider(t, row.provider)
			o := verifier.Options{Contract: c, URL: row.url, Transport: mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Expected", row.secret)
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, row.body)
			}))}
			if row.secret != "" {
				o.Secrets = []signature.Secret{signature.NewSecret(row.secret)}
			}
			e, err := verifier.Collect(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range e.Journal {
				if a := entry.Attempt; a != nil && (strings.Contains(string(a.Body), "canary-secret") || strings.Contains(a.Header.Get("X-Expected"), "canary-secret")) {
					t.Errorf("the evidence holds the secret: %q %q", a.Body, a.Header)
				}
			}
			r, err := verifier.Rejudge(c, e)
			if err != nil {
				t.Fatal(err)
			}
			if f := r.Checks[0]; f.Verdict != verifier.Fail || f.Answer != row.answer || !strings.HasSuffix(f.Because, "; is the secret the same on both sides?") {
				t.Errorf("%s: %s; answer %q, want %q", f.Verdict, f.Because, f.Answer, row.answer)
			}
			var text bytes.Buffer
			if err := r.Text(&text, false); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(text.String(), "valid events are refused"); n != 1 || strings.Contains(text.String(), "payload/") {
				t.Errorf("%d lines say what was skipped:\n%s", n, text.String())
			}
			if strings.ContainsRune(text.String(), '\x1b') || !strings.Contains(text.String(), "\n    answer     ") {
				t.Errorf("the answer is not shown, or as it came:\n%s", text.String())
			}
		})
	}
}

// A single skipped check, and those that do not apply, keep their lines.
func TestOnlyARefusedBaselineFoldsLines(t *testing.T) {
	virtual(t, func(t *testing.T) {
		c := provider(t, "xentral")
		o := slim(options(c, receivers.New(c, receivers.None, secretsOf(c)...)))
		o.Events = []string{c.EventTypes()[0].Name()}
		r := run(t, o)
		var text bytes.Buffer
		if err := r.Text(&text, false); err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Checks {
			if !strings.Contains(text.String(), " "+f.Name+" ") {
				t.Errorf("%s has no line", f.Name)
			}
		}
	})
}
