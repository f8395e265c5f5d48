package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/hookrig/hookrig/contracts/signature"
)

// Secrets are secrets by name in a file of their own, which only its owner may
// read. Journals refer to them by name. It is safe for concurrent use, by one
// process at a time: who holds the journal beside it holds it too.
type Secrets struct {
	path string

	mu     sync.RWMutex
	byName map[string]signature.Secret
}

// secretsFile is the file. Values are in base64, since a secret may be any bytes.
type secretsFile struct {
	Version int               `json:"version"`
	Secrets map[string][]byte `json:"secrets"`
}

const (
	secretsVersion = 1
	secretsLimit   = 64 << 20 // bytes
)

// SecretsError is a file of secrets that is not used. It was not touched, and the
// text holds nothing of what stands in it.
type SecretsError struct {
	Path    string
	Problem string
	hint    string
}

func (e *SecretsError) Error() string {
	return fmt.Sprintf("secrets %q: %s", e.Path, e.Problem)
}

// Hint says what to do.
func (e *SecretsError) Hint() string { return e.hint }

// OpenSecrets reads the secrets at path, which by custom is that of the journal
// and ".secrets". Where there is no file there are no secrets yet, and the first
// Put makes it. The error may be a *[SecretsError].
func OpenSecrets(path string) (*Secrets, error) {
	path, err := whereabouts(path)
	if err != nil {
		return nil, err
	}
	s := &Secrets{path: path, byName: map[string]signature.Secret{}}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("secrets: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("secrets: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, &SecretsError{path, fmt.Sprintf("others may read it (mode %04o)", mode), fmt.Sprintf("chmod 600 %q", path)}
	}
	if err := s.read(f); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Secrets) read(f io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(f, secretsLimit+1))
	if err != nil {
		return fmt.Errorf("secrets: %w", err)
	}
	const hint = "restore it from a backup, or move it away and set the secrets again"
	var file secretsFile
	switch err := json.Unmarshal(data, &file); {
	case len(data) > secretsLimit:
		return &SecretsError{s.path, "it is larger than 64 MiB", hint}
	case err != nil:
		return &SecretsError{s.path, "it is no file of secrets, or damaged", hint}
	case file.Version > secretsVersion:
		return &SecretsError{s.path, fmt.Sprintf("its version is %d, known is %d", file.Version, secretsVersion), "use the version of hookrig that wrote it"}
	case file.Version != secretsVersion:
		return &SecretsError{s.path, "it is no file of secrets, or damaged", hint}
	}
	for name, value := range file.Secrets {
		s.byName[name] = signature.NewSecret(string(value))
	}
	return nil
}

// Put returns when the secret is on the disk, in place of the one that had the
// name before. After an error, which may wrap [mockserver.ErrFull], the store is as it was.
func (s *Secrets) Put(name string, secret signature.Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.byName)
	next[name] = secret
	return s.save(next)
}

// Get does not read the file.
func (s *Secrets) Get(name string) (signature.Secret, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	secret, ok := s.byName[name]
	return secret, ok
}

// Delete forgets a secret, on the disk too. That there is none is no error.
func (s *Secrets) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.byName[name]; !ok {
		return nil
	}
	next := maps.Clone(s.byName)
	delete(next, name)
	return s.save(next)
}

// Names are those of the secrets, sorted.
func (s *Secrets) Names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.byName))
}

// save needs s.mu. The file is the old one or the new one at every moment.
func (s *Secrets) save(next map[string]signature.Secret) error {
	file := secretsFile{Version: secretsVersion, Secrets: make(map[string][]byte, len(next))}
	for name, secret := range next {
		file.Secrets[name] = []byte(secret.Reveal())
	}
	data, err := json.MarshalIndent(file, "", "\t")
	if err != nil {
		return fmt.Errorf("secrets %q: %w", s.path, err)
	}
	if err := replaceFile(s.path, append(data, '\n')); err != nil {
		return fmt.Errorf("secrets %q: %w", s.path, room(err))
	}
	s.byName = next
	return nil
}

// replaceFile writes a file for its owner only.
func replaceFile(path string, data []byte) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		_ = os.Remove(fresh)
		return err
	}
	return syncFolder(filepath.Dir(path))
}
