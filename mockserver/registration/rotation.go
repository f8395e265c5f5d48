package registration

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

// previous is the secret that another one replaced, as it stands in the store.
type previous struct {
	Value string    `json:"value"`
	Until time.Time `json:"until"`
}

// previousName is a name that no client can give.
func previousName(name string) string { return "-previous." + name }

// Rotate puts a secret in the place of the one that had the name before. That one signs
// besides until a moment, where the provider's scheme has room for several signatures:
// so a receiver that knows either accepts what is sent meanwhile. With the zero until,
// or where there was none before, it is Put alone. The error is the store's.
func Rotate(s Secrets, name string, secret signature.Secret, until time.Time) error {
	before, ok := s.Get(name)
	if !ok || until.IsZero() {
		if err := s.Put(name, secret); err != nil {
			return err
		}
		return s.Delete(previousName(name))
	}
	text, err := json.Marshal(previous{before.Reveal(), until})
	if err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	if err := s.Put(previousName(name), signature.NewSecret(string(text))); err != nil { // first: both are the same for a moment
		return err
	}
	return s.Put(name, secret)
}

// Keys is what asks for the secrets that sign under a name, at each attempt: the one that
// stands there, and the one before it as long as Rotate said. Of a name that is not there
// it gives none. now is asked only while there is one before.
func Keys(s Secrets, name string, now func() time.Time) func() []signature.Secret {
	before := previousName(name)
	return func() []signature.Secret {
		secret, ok := s.Get(name)
		if !ok {
			return nil
		}
		text, ok := s.Get(before)
		var old previous
		if ok && json.Unmarshal([]byte(text.Reveal()), &old) == nil && now().Before(old.Until) {
			return []signature.Secret{secret, signature.NewSecret(old.Value)}
		}
		return []signature.Secret{secret}
	}
}

// Forget deletes a secret, and the one before it.
func Forget(s Secrets, name string) error {
	if err := s.Delete(previousName(name)); err != nil {
		return err
	}
	return s.Delete(name)
}
