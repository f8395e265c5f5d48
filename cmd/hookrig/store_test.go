package main

import (
	"path/filepath"
	"runtime"
	"testing"
)

// TestStateFolder: each system's habits, and no folder relative to wherever the
// command is called.
func TestStateFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the paths are those of POSIX")
	}
	for _, try := range []struct {
		system string
		env    map[string]string
		want   string // "": there is none
	}{
		{"linux", map[string]string{"HOME": "/home/qa"}, "/home/qa/.local/state/hookrig"},
		{"linux", map[string]string{"HOME": "/home/qa", "XDG_STATE_HOME": "/var/state"}, "/var/state/hookrig"},
		{"linux", map[string]string{"HOME": "/home/qa", "XDG_STATE_HOME": "state"}, "/home/qa/.local/state/hookrig"},
		{"freebsd", map[string]string{"HOME": "/home/qa"}, "/home/qa/.local/state/hookrig"},
		{"darwin", map[string]string{"HOME": "/Users/qa"}, "/Users/qa/Library/Application Support/hookrig"},
		{"windows", map[string]string{"LocalAppData": "/c/qa"}, "/c/qa/hookrig"},
		{"windows", map[string]string{"HOME": "/home/qa"}, ""},
		{"linux", nil, ""},
		{"linux", map[string]string{"HOME": "qa"}, ""},
	} {
		got, err := stateFolder(try.system, func(name string) (string, bool) { v, ok := try.env[name]; return v, ok })
		if (err == nil) != (try.want != "") || err == nil && got != filepath.FromSlash(try.want) {
			t.Errorf("%s %v: %q, %v, want %q", try.system, try.env, got, err, try.want)
		}
	}
}

// TestStateFlags: values that a journal's flags take, and how they are written.
func TestStateFlags(t *testing.T) {
	for _, try := range []struct {
		flag interface {
			Set(text string) error
			String() string
		}
		text, want string // "": refused
	}{
		{new(span), "30d", "30d"}, {new(span), "12h", "12h"}, {new(span), "0s", ""}, {new(span), "-1h", ""}, {new(span), "month", ""},
		{new(configSize), "1GB", "1000000000B"}, {new(configSize), "2MiB", "2097152B"}, {new(configSize), "0B", ""}, {new(configSize), "12", ""},
		{new(rates), "lost-ack=0.5,duplicate=0.1", "duplicate=0.1,lost-ack=0.5"}, {new(rates), "lost-ack=2", ""},
		{new(rates), "lost-ack", ""}, {new(rates), "lost=1", ""}, {new(rates), "lost-ack=0.7,drop=0.7", ""},
	} {
		err := try.flag.Set(try.text)
		if (err == nil) != (try.want != "") || err == nil && try.flag.String() != try.want {
			t.Errorf("%T %q: %q, %v", try.flag, try.text, try.flag.String(), err)
		}
	}
}
