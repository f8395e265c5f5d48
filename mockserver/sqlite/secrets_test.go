package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hookrig/hookrig/contracts/signature"
)

func openSecrets(t *testing.T, path string) *Secrets {
	t.Helper()
	s, err := OpenSecrets(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSecretsComeBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.secrets")
	s := openSecrets(t, path)
	if len(s.Names()) != 0 {
		t.Error(s.Names())
	}
	if err := s.Delete("nobody"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a store of nothing made a file")
	}
	values := map[string]string{"shop": "s3cr3t-canary", "bytes": "\xff\x00\xfe", "": "unnamed", "long": strings.Repeat("x", 10_000)}
	var crew sync.WaitGroup
	for name, value := range values {
		crew.Go(func() {
			for _, text := range []string{"old", value} {
				if err := s.Put(name, signature.NewSecret(text)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	crew.Wait()
	if err := errors.Join(s.Put("gone", signature.NewSecret("x")), s.Delete("gone")); err != nil {
		t.Error(err)
	}
	for _, s := range []*Secrets{s, openSecrets(t, path)} {
		if names := s.Names(); !slices.Equal(names, []string{"", "bytes", "long", "shop"}) {
			t.Errorf("%q", names)
		}
		for name, value := range values {
			if secret, ok := s.Get(name); !ok || secret.Reveal() != value {
				t.Errorf("%q came back as something else", name)
			}
		}
		if _, ok := s.Get("gone"); ok {
			t.Error("what was deleted is there")
		}
	}
	if printed := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(printed, "canary") {
		t.Error("it prints its secrets")
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	left, _ := filepath.Glob(path + "*")
	if len(left) != 1 {
		t.Error(left)
	}
}

func TestSecretsAreRefused(t *testing.T) {
	for _, c := range []struct {
		content string
		mode    os.FileMode
		want    string
	}{
		{`{"version":1,"secrets":{"a":"Y2FuYXJ5"}}`, 0o644, "others may read it (mode 0644)"},
		{`{"version":1,"secrets":{"a":"Y2FuYXJ5"}}`, 0o620, "others may read it (mode 0620)"},
		{`{"version":2,"secrets":{}}`, 0o600, "its version is 2, known is 1"},
		{``, 0o600, "it is no file of secrets, or damaged"},
		{`{"version":1,"secrets":{"a":"canary!"}}`, 0o600, "it is no file of secrets, or damaged"},
		{`{"version":1,"secrets":{"a":"Y2Fu`, 0o600, "it is no file of secrets, or damaged"},
		{`{}`, 0o600, "it is no file of secrets, or damaged"},
	} {
		path := filepath.Join(t.TempDir(), "s")
		if err := errors.Join(os.WriteFile(path, []byte(c.content), 0o600), os.Chmod(path, c.mode)); err != nil {
			t.Fatal(err)
		}
		if c.mode != 0o600 && runtime.GOOS == "windows" {
			continue
		}
		_, err := OpenSecrets(path)
		var refused *SecretsError
		if !errors.As(err, &refused) || refused.Problem != c.want || refused.Hint() == "" || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", c.content, err)
			continue
		}
		if c.mode != 0o600 && refused.Hint() != fmt.Sprintf("chmod 600 %q", refused.Path) {
			t.Error(refused.Hint())
		}
		if now, _ := os.ReadFile(path); string(now) != c.content {
			t.Errorf("%q was changed", c.content)
		}
	}
}

// After a failed Put the store is as it was, in memory and on the disk.
func TestSecretsThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sub", "s")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	s := openSecrets(t, path)
	if err := s.Put("a", signature.NewSecret("1")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Dir(path), filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	if err := s.Put("a", signature.NewSecret("2")); err == nil {
		t.Error("it was put nowhere")
	}
	if secret, _ := s.Get("a"); secret.Reveal() != "1" {
		t.Error("memory and disk disagree")
	}
}
