package signature

import (
	"crypto/hmac"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
)

const redacted = "[redacted]"

// Secret is a shared secret. It prints, logs and marshals as "[redacted]".
//
// The text is held behind two pointers because fmt does not call methods on
// unexported fields of other structs: it would print a string there, or what one
// pointer leads to, and prints an address instead.
type Secret struct{ kept **kept }

type kept struct {
	text string
	use  atomic.Pointer[use] // the last one
}

// NewSecret keeps text as a secret. An empty text is no secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	k := &kept{text: text}
	return Secret{&k}
}

// IsZero reports whether there is no secret at all.
func (s Secret) IsZero() bool { return s.kept == nil }

// Reveal is the secret's text, for the one place that must have it.
func (s Secret) Reveal() string {
	if s.kept == nil {
		return ""
	}
	return (*s.kept).text
}

// Equal compares two secrets without telling by its duration where they differ.
func (s Secret) Equal(o Secret) bool {
	return hmac.Equal([]byte(s.Reveal()), []byte(o.Reveal()))
}

// String gives "[redacted]".
func (s Secret) String() string { return redacted }

// GoString gives "[redacted]".
func (s Secret) GoString() string { return redacted }

// Format writes "[redacted]" whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText gives "[redacted]".
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON gives "[redacted]" as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue gives "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// SecretError says what is wrong with a secret, never what the secret is.
type SecretError struct {
	Index   int // of the secret among those given, from 0
	Problem string
}

func (e *SecretError) Error() string {
	return fmt.Sprintf("secret %d: %s", e.Index+1, e.Problem)
}

// given reports whether there is a secret among secrets.
func given(secrets []Secret) bool {
	for _, s := range secrets {
		if !s.IsZero() {
			return true
		}
	}
	return false
}

// key turns the i-th secret into key bytes.
func (s *Scheme) key(i int, secret Secret) ([]byte, error) {
	text := secret.Reveal()
	if s.Key != Base64 {
		return []byte(text), nil
	}
	encoded := strings.TrimPrefix(text, s.KeyPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	switch {
	case err != nil:
		return nil, &SecretError{i, "it is not base64, as the scheme's key says" + s.afterPrefix()}
	case len(key) == 0:
		return nil, &SecretError{i, "nothing is left of it" + s.afterPrefix()}
	}
	return key, nil
}

// use is one way to make a key of a secret. It holds states of the keyed hash
// before the first byte: to make one costs more than to sign a short body.
type use struct {
	algorithm, key, prefix string
	free                   sync.Pool // of *keyed
}

type keyed struct {
	hash.Hash
	of *use
}

func (k *keyed) release() {
	k.Reset()
	k.of.free.Put(k)
}

// keyed is the hash of a MAC, keyed with the i-th secret.
func (s *Scheme) keyed(i int, secret Secret) (*keyed, error) {
	u := (*secret.kept).use.Load()
	if u == nil || u.algorithm != s.Algorithm || u.key != s.Key || u.prefix != s.KeyPrefix {
		u = &use{algorithm: s.Algorithm, key: s.Key, prefix: s.KeyPrefix}
		(*secret.kept).use.Store(u)
	}
	if k, ok := u.free.Get().(*keyed); ok {
		return k, nil
	}
	key, err := s.key(i, secret)
	if err != nil {
		return nil, err
	}
	return &keyed{hmac.New(hashes[s.Algorithm], key), u}, nil
}

func (s *Scheme) afterPrefix() string {
	if s.KeyPrefix == "" {
		return ""
	}
	return fmt.Sprintf(" (a leading %q is cut off first)", s.KeyPrefix)
}
