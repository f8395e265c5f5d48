package main

import (
	"bytes"
	"strings"
	"testing"
)

// hintOf runs a command line that must be wrong, and returns its hint.
func hintOf(t *testing.T, args ...string) string {
	t.Helper()
	var out, notes bytes.Buffer
	if code := runUntil(t.Context(), args, strings.NewReader(""), &out, &notes, noEnv); code != exitUsage && code != exitUnjudged {
		t.Fatalf("%q: exit code %d\n%s", args, code, &notes)
	}
	text := notes.String()
	if strings.HasPrefix(text, "note: ") {
		_, text, _ = strings.Cut(text, "\n")
	}
	first, hint, ok := strings.Cut(strings.TrimSpace(text), "\nhint: ")
	if !ok || strings.Contains(first, "\n") || !strings.HasPrefix(first, "hookrig: ") {
		t.Fatalf("%q: no message on one line and a hint:\n%s", args, &notes)
	}
	return hint
}

// A hint is the command line, put right.
func TestHintsArePasted(t *testing.T) {
	for _, c := range []struct{ args, hint string }{
		{"fake shoptet order:create -n 0", "hookrig fake shoptet order:create -n 0 --count 1"},
		{"fake shoptet order:create --count=1e9", "hookrig fake shoptet order:create --count=1"},
		{"fake shoptet order:create -n 1e9", "hookrig fake shoptet order:create -n 1"},
		{"fake shoptet order:create --shape ful", "hookrig fake shoptet order:create --shape full"},
		{"fake shoptet order:create --at 0001-01-01", "hookrig fake shoptet order:create --at 2026-01-05"},
		{"fake shoptet order:create --set eshopId=1 --set /eventInstance=2", "hookrig fake shoptet order:create --set /eventInstance=2 --set /eshopId=1"},
		{"fake shoptet order:create --set=eshopId=1", "hookrig fake shoptet order:create --set /eshopId=1"},
		{"fake --schema none.json", "ls -l ."},
		{"show none/none.yaml x", "ls ."},
		{"listen --answer 200 --forward-to http://localhost:1/", "hookrig listen --forward-to http://localhost:1/"},
		{"listen --addr 127.0.0.1:9000 --forward-to http://localhost:9000/x", "hookrig listen --addr 127.0.0.1:9000 --forward-to http://localhost:8080/hooks"},
		{"trigger sellercenter onOrderCreated", "hookrig trigger sellercenter onOrderCreated --to http://localhost:8080/hooks"},
		{"trigger sellercenter onOrderCreated --to localhost:1/x", "hookrig trigger sellercenter onOrderCreated --to http://localhost:1/x"},
		{"trigger sellercenter onOrderCreated --to http://x/ --rate NaN", "hookrig trigger sellercenter onOrderCreated --to http://x/ --rate 20"},
		{"trigger sellercenter onOrderCreated --to http://x/ --retry --speed Inf", "hookrig trigger sellercenter onOrderCreated --to http://x/ --retry --speed 3600"},
		{"verify shoptet --plan --event order:create,order:updat", "hookrig verify shoptet --plan --event order:create,order:update"},
		{"verify sellercenter --to http://127.0.0.1:1/ --settle=-2s", "hookrig verify sellercenter --to http://127.0.0.1:1/ --settle 2s"},
		{"verify sellercenter --to http://127.0.0.1:1/ --only nosuch", "hookrig verify sellercenter --to http://127.0.0.1:1/ --plan"},
		{"verify sellercenter --to http://169.254.169.254/", "hookrig verify sellercenter --to http://localhost:8080/hooks"},
		{"runs --server ftp://qa", "hookrig runs --server http://127.0.0.1:8080"},
		{"schedules stop nightly --server qa.test:8080", "hookrig schedules stop nightly --server http://qa.test:8080"},
		{"serve --config", "hookrig serve --config hookrig.yaml"},
		{"serve --speed 2 --keep", "hookrig serve --speed 2 --keep 30d"},
		{"resend --state exhausted dlv_1", "hookrig resend dlv_1"},
		{"help version nonsense", "hookrig --help"},
	} {
		if got := hintOf(t, strings.Fields(c.args)...); got != c.hint {
			t.Errorf("hookrig %s\n got %s\nwant %s", c.args, got, c.hint)
		}
	}
	const mended = "hookrig fake --world -n 2 --at 2026-01-05 shoptet"
	if got := hintOf(t, "fake", "--world", "-n", "2", "--at", "", "shoptet"); got != mended {
		t.Errorf("an empty word: %s", got)
	}
}

// Nothing that may be a secret is repeated, whatever else is wrong.
func TestCredentialsAreNotRepeated(t *testing.T) {
	for _, args := range []string{
		"trigger sellercenter onOrderCreatd --to http://user:hunter2@127.0.0.1:1/",
		"trigger sellercenter onOrderCreatd --to user:hunter2@127.0.0.1:1/",
		"trigger sellercenter onOrderCreated --to user:hunter2@127.0.0.1:1/",
		"trigger sellercenter onOrderCreated --to http://user:hunter2@169.254.169.254/",
		"trigger sellercenter onOrderCreatd --to http://127.0.0.1:1/?token=hunter2",
		"trigger shoptet order:creat --to http://x/ --secret-env hunter2",
		"trigger shoptet order:creat --to http://x/ --secret-env=hunter2",
		"trigger shoptet order:create --to http://x/ --secret-env hunter2",
		"serve --token-env hunter2",
		"healthcheck --server http://user:hunter2@127.0.0.1:1/?token=hunter2",
		"listen --forward-to user:hunter2@localhost --count 1",
		"verify sellercenter --to http://user:hunter2@127.0.0.1:1/?token=hunter2 --event onOrderCreated",
		"verify sellercenter --to http://127.0.0.1:1/ --oracle ftp://user:hunter2@localhost/",
	} {
		var out, notes bytes.Buffer
		runUntil(t.Context(), strings.Fields(args), strings.NewReader(""), &out, &notes, noEnv)
		if text := out.String() + notes.String(); strings.Contains(text, "hunter2") || !strings.Contains(text, "hint: ") {
			t.Errorf("hookrig %s\n%s", args, text)
		}
	}
}
