package registration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// maxExtra is how many bytes of JSON a provider's own members may have.
const maxExtra = 64 << 10

// Create registers drafts of one provider or several, all of them or none. The
// error is a *RefusedError about the first draft that the provider would
// refuse, or says why they cannot be kept.
func (s *Subscriptions) Create(ctx context.Context, drafts ...Draft) ([]Subscription, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if len(s.byID)+len(drafts) > s.max {
		return nil, refuse(KindFull, "", "there are %d registrations, %d are the most", len(s.byID), s.max)
	}
	subs := make([]Subscription, 0, len(drafts))
	for i, d := range drafts {
		sub := Subscription{
			Provider: d.Provider, Events: unique(d.Events), URL: d.URL,
			Secret: d.SecretName, Active: !d.Inactive, Created: s.now(), Extra: d.Extra,
		}
		if d.Inactive {
			sub.Reason = d.Reason
		}
		if refused := s.check(&sub, subs); refused != nil {
			refused.Index = i
			return nil, refused
		}
		subs = append(subs, sub)
	}
	first, err := s.reserve(ctx, len(drafts))
	if err != nil {
		return nil, fmt.Errorf("registration: %w", err)
	}
	for i := range subs {
		subs[i].ID = rulesOf[subs[i].Provider].id(first + uint64(i))
		if err := s.keepNew(ctx, &subs[i], drafts[i].Secret); err != nil {
			s.undo(ctx, subs[:i+1])
			return nil, fmt.Errorf("registration: %w", err)
		}
	}
	s.commit(func(byID map[string]Subscription) {
		for _, sub := range subs {
			byID[sub.ID] = sub
			s.logRelaxed(sub)
		}
	})
	return slices.Clone(subs), nil
}

// keepNew puts the secrets of a subscription away, and then its document.
func (s *Subscriptions) keepNew(ctx context.Context, sub *Subscription, key signature.Secret) error {
	shared := rulesOf[sub.Provider].sharedKey
	switch {
	case !key.IsZero():
		sub.Secret = keyName(sub.ID)
		if err := s.secrets.Put(sub.Secret, key); err != nil {
			return err
		}
	case sub.Secret == "" && shared != "":
		sub.Secret = shared
		if _, ok := s.secrets.Get(shared); !ok {
			if _, err := s.renew(shared); err != nil {
				return err
			}
		}
	}
	if err := s.hideURL(sub); err != nil {
		return err
	}
	return s.put(ctx, *sub)
}

// hideURL replaces a URL that carries credentials by what may be shown of it.
func (s *Subscriptions) hideURL(sub *Subscription) error {
	shown := mockserver.RedactURL(sub.URL)
	sub.Private = shown != sub.URL
	if !sub.Private {
		return nil
	}
	whole := signature.NewSecret(sub.URL)
	sub.URL = shown
	return s.secrets.Put(urlName(sub.ID), whole)
}

func (s *Subscriptions) put(ctx context.Context, sub Subscription) error {
	doc, err := json.Marshal(sub)
	if err != nil {
		return err
	}
	return s.shelf.Put(ctx, shelfKind, sub.ID, doc)
}

// undo forgets what a Create that failed has kept so far.
func (s *Subscriptions) undo(ctx context.Context, subs []Subscription) {
	ctx = context.WithoutCancel(ctx)
	for _, sub := range subs {
		if err := errors.Join(s.shelf.Delete(ctx, shelfKind, sub.ID), s.forgetSecrets(sub.ID)); err != nil {
			s.log.Error("a registration that was refused could not be forgotten", "subscription", sub.ID, "error", err)
		}
	}
}

func (s *Subscriptions) forgetSecrets(id string) error {
	return errors.Join(s.secrets.Delete(keyName(id)), s.secrets.Delete(urlName(id)))
}

func (s *Subscriptions) logRelaxed(sub Subscription) {
	if sub.Relaxed != "" {
		s.log.Warn("a URL is taken that the provider would refuse",
			"provider", sub.Provider, "subscription", sub.ID, "url", sub.URL, "rule", sub.Relaxed)
	}
}

// Update changes a registration under the rules of Create. The error is
// ErrUnknown, a *RefusedError, or says why the change cannot be kept; then
// nothing has changed.
func (s *Subscriptions) Update(ctx context.Context, id string, c Change) (Subscription, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, ok := s.byID[id]
	if !ok {
		return Subscription{}, ErrUnknown
	}
	after, refused := s.changed(before, c)
	if refused != nil {
		return Subscription{}, refused
	}
	if err := s.keepChanged(ctx, before, &after, c); err != nil {
		return Subscription{}, fmt.Errorf("registration: %w", err)
	}
	s.commit(func(byID map[string]Subscription) { byID[id] = after })
	if c.URL != "" {
		s.logRelaxed(after)
	}
	return after, nil
}

// changed is a subscription after a change. What does not change is not judged
// again: a registration can be disabled although its contract has changed.
func (s *Subscriptions) changed(sub Subscription, c Change) (Subscription, *RefusedError) {
	sub.Updated = s.now()
	if c.SecretName != "" {
		sub.Secret = c.SecretName
	}
	if c.Active != nil {
		sub.Active, sub.Reason = *c.Active, ""
		if !sub.Active {
			sub.Reason = c.Reason
		}
	}
	if c.URL != "" {
		sub.URL = c.URL
		if refused := s.checkURL(&sub); refused != nil {
			return sub, refused
		}
	}
	if c.Extra != nil {
		sub.Extra = c.Extra
		if refused := checkExtra(sub); refused != nil {
			return sub, refused
		}
	}
	if c.Events != nil {
		sub.Events = unique(c.Events)
		return sub, s.checkEvents(sub, nil)
	}
	return sub, nil
}

// keepChanged puts a subscription in the place of the one before. Where the
// document is refused, the secrets are again what they were.
func (s *Subscriptions) keepChanged(ctx context.Context, before Subscription, after *Subscription, c Change) error {
	names := []string{keyName(before.ID), urlName(before.ID)}
	were := make([]signature.Secret, len(names))
	for i, name := range names {
		were[i], _ = s.secrets.Get(name)
	}
	err := func() error {
		if !c.Secret.IsZero() {
			after.Secret = keyName(after.ID)
			if err := s.secrets.Put(after.Secret, c.Secret); err != nil {
				return err
			}
		}
		if c.URL != "" {
			if err := s.hideURL(after); err != nil {
				return err
			}
		}
		return s.put(ctx, *after)
	}()
	switch {
	case err != nil:
		for i, name := range names {
			if were[i].IsZero() {
				err = errors.Join(err, s.secrets.Delete(name))
			} else {
				err = errors.Join(err, s.secrets.Put(name, were[i]))
			}
		}
	case before.Private && !after.Private:
		err = s.secrets.Delete(urlName(after.ID))
	}
	return err
}

// Delete forgets a registration and its secrets. The error is ErrUnknown, or
// says why it cannot be forgotten.
func (s *Subscriptions) Delete(ctx context.Context, id string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if _, ok := s.byID[id]; !ok {
		return ErrUnknown
	}
	if err := s.shelf.Delete(ctx, shelfKind, id); err != nil {
		return fmt.Errorf("registration: %w", err)
	}
	s.commit(func(byID map[string]Subscription) { delete(byID, id) })
	if err := s.forgetSecrets(id); err != nil {
		return fmt.Errorf("registration: the secrets of subscription %q: %w", id, err)
	}
	return nil
}

// Disable keeps a registration and sends it no more events. The error is that
// of Update.
func (s *Subscriptions) Disable(ctx context.Context, id, reason string) error {
	off := false
	_, err := s.Update(ctx, id, Change{Active: &off, Reason: reason})
	return err
}

// Apply does to a registration what a policy says when a delivery is given up:
// contracts.Keep, contracts.Disable or contracts.Delete; "" keeps it too. A
// registration that is gone is no error.
func (s *Subscriptions) Apply(ctx context.Context, then, id, reason string) (err error) {
	switch then {
	case contracts.Disable:
		err = s.Disable(ctx, id, reason)
	case contracts.Delete:
		err = s.Delete(ctx, id)
	case contracts.Keep, "":
	default:
		err = fmt.Errorf("registration: a policy cannot say %q", then)
	}
	if errors.Is(err, ErrUnknown) {
		return nil
	}
	return err
}

// Ended applies an entry of the journal: one that says that a delivery to a
// subscription was given up, and what becomes of the registration. Every other
// entry is passed over, and so is one that is older than the registration is as
// it stands: a follower of the journal may hand in all entries, from the
// beginning if it likes.
func (s *Subscriptions) Ended(ctx context.Context, e mockserver.Entry) error {
	id, ok := IDOfRef(e.Endpoint)
	if !ok || e.Kind != mockserver.EntryEnded {
		return nil
	}
	sub, err := s.Get(id)
	if err != nil || !sub.Active && e.Then == contracts.Disable || e.At.Before(sub.Created) || e.At.Before(sub.Updated) {
		return nil
	}
	return s.Apply(ctx, e.Then, id, e.Reason)
}

// SharedKey makes a new key that signs for all registrations with a provider
// whose registrations share one, and puts it in the place of the one before.
// The error says that the provider has no such key, or is the store's.
func (s *Subscriptions) SharedKey(provider string) (signature.Secret, error) {
	name := rulesOf[provider].sharedKey
	if name == "" {
		return signature.Secret{}, fmt.Errorf("registration: %q has no key that its registrations share", provider)
	}
	return s.renew(name)
}

// Shares reports whether a secret is the key that registrations with a provider share,
// and there are some.
func (s *Subscriptions) Shares(name string) bool {
	for provider, rules := range rulesOf {
		if name == rules.sharedKey && slices.ContainsFunc(s.List(provider), func(sub Subscription) bool { return sub.Secret == name }) {
			return true
		}
	}
	return false
}

func (s *Subscriptions) renew(name string) (signature.Secret, error) {
	key := newKey()
	return key, Rotate(s.secrets, name, key, time.Time{})
}
