package registration

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

// Subscription is one registration: these events go to this URL. Subscriptions
// share their Events and Extra with the store: readers must not change them.
type Subscription struct {
	ID       string   `json:"id"` // of its own among all providers; spelled as the provider spells ids
	Provider string   `json:"provider"`
	Events   []string `json:"events"` // the provider's own names, in the order given
	// URL is what was registered, with credentials redacted. Subscriptions.Target gives all of it.
	URL string `json:"url"`
	// Private says that the URL lost something by redaction and stands as a whole in the store of secrets.
	Private bool   `json:"private,omitempty"`
	Secret  string `json:"secret,omitempty"` // name of the secret that signs; "": none
	Active  bool   `json:"active"`           // events are sent; false once it was disabled
	Reason  string `json:"reason,omitempty"` // why it was disabled
	// Relaxed is the rule of the provider that the URL breaks and that Config.RelaxedURLs waived.
	Relaxed string          `json:"relaxed,omitempty"`
	Created time.Time       `json:"created"`
	Updated time.Time       `json:"updated,omitzero"` // zero until it is changed
	Extra   json.RawMessage `json:"extra,omitempty"`  // an object with the members that only this provider has
}

// Draft is a registration that somebody asks for.
type Draft struct {
	Provider string
	Events   []string
	URL      string
	// Secret signs the deliveries; it goes into the store of secrets. SecretName names one that is
	// there already. Without either the provider's shared key signs, where it has one.
	Secret     signature.Secret
	SecretName string
	Inactive   bool   // sent nothing until a Change makes it active
	Reason     string // of Inactive
	Extra      json.RawMessage
}

// Change changes a registration. What is zero stays as it is.
type Change struct {
	URL        string
	Events     []string
	Secret     signature.Secret
	SecretName string
	Active     *bool
	Reason     string // of Active false; an active subscription has none
	Extra      json.RawMessage
}

// Kind says why something was refused.
type Kind string

// The kinds of refusals. Those of requests are for the providers' APIs alone.
const (
	KindProvider Kind = "provider" // no contract of this provider is loaded
	KindEvent    Kind = "event"    // the contract has no such event
	KindURL      Kind = "url"      // the provider takes no such URL
	KindExists   Kind = "exists"   // the event is registered already, and the provider takes it once
	KindConflict Kind = "conflict" // the contract says that two events cannot be registered together
	KindFull     Kind = "full"     // no more are kept
	KindMissing  Kind = "missing"  // something that is required
	KindValue    Kind = "value"    // a value that the provider does not take

	KindUnknown        Kind = "unknown"         // there is no such registration
	KindNoCredentials  Kind = "no-credentials"  // the request carries none
	KindBadCredentials Kind = "bad-credentials" // the request carries wrong ones
	KindPath           Kind = "path"            // there is nothing at this path
	KindRecord         Kind = "record"          // a lookup finds nothing
	KindMethod         Kind = "method"          // not this method at this path
	KindMediaType      Kind = "media-type"      // a body of another type
	KindMalformed      Kind = "malformed"       // a body that cannot be read
	KindTooLarge       Kind = "too-large"       // a body of too many bytes
	KindTooMany        Kind = "too-many"        // more registrations in one request than the provider takes
	KindUnreachable    Kind = "unreachable"     // the app did not take the handshake
	KindForeign        Kind = "foreign"         // the request comes from a page in a browser
)

// RefusedError says what was refused and why. It is never our failure.
type RefusedError struct {
	Kind    Kind
	Index   int      // of the draft, from 0
	Field   string   // of the request that it is about; may be empty
	Event   string   // that was refused; may be empty
	Other   string   // the event that it conflicts with, or the ID of the registration that has it
	Nearest []string // names that were perhaps meant
	Message string
}

func (e *RefusedError) Error() string { return e.Message }

// ErrUnknown: there is no subscription of this id.
var ErrUnknown = errors.New("unknown subscription")

func refuse(kind Kind, field, format string, args ...any) *RefusedError {
	return &RefusedError{Kind: kind, Field: field, Message: clip(fmt.Sprintf(format, args...))}
}

// clip keeps what a request said from being answered at length.
func clip(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// refPrefix begins the names by which deliveries refer to subscriptions.
const refPrefix = "subscription/"

// Ref is how deliveries to this subscription name their endpoint in the journal.
func (s Subscription) Ref() string { return refPrefix + s.ID }

// IDOfRef is the ID of the subscription that an endpoint's name or Ref is
// about, and false where it is about none.
func IDOfRef(ref string) (id string, ok bool) {
	id, ok = strings.CutPrefix(ref, refPrefix)
	return id, ok && id != ""
}

// Names in the store of secrets. They fit wherever a file name does.
func keyName(id string) string { return "subscription." + id + ".key" }
func urlName(id string) string { return "subscription." + id + ".url" }
