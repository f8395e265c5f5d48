package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"

	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
)

// targets are URLs with credentials that deliveries go to without an endpoint's
// name. The journal knows them by an id; the URL stands in the store of secrets,
// for as long as a live delivery may need it.
type targets struct {
	secrets SecretStore

	mu    sync.Mutex
	byURL map[[sha256.Size]byte]*target // by digest, so that no dump of memory's structures shows them
	byID  map[string]*target
	few   int // so many are kept before it is looked which are needed
}

type target struct {
	id     string
	digest [sha256.Size]byte
	users  int  // requests and schedules that hold it
	used   bool // since the last look
}

// targetPrefix begins the names in the store of secrets.
const targetPrefix = "-target."

// fewTargets are kept without a look at who needs them.
const fewTargets = 256

func (t *targets) load(secrets SecretStore) {
	t.secrets, t.few = secrets, fewTargets
	t.byURL, t.byID = map[[sha256.Size]byte]*target{}, map[string]*target{}
	for _, name := range secrets.Names() {
		id, ours := strings.CutPrefix(name, targetPrefix)
		if url, ok := secrets.Get(name); ours && ok {
			t.add(id, url.Reveal())
		}
	}
}

// add needs t.mu.
func (t *targets) add(id, url string) *target {
	one := &target{id: id, digest: sha256.Sum256([]byte(url))}
	t.byURL[one.digest], t.byID[id] = one, one
	return one
}

// hold keeps a URL for a later run and gives its id, "" for a URL that may be
// shown. It is not forgotten before release is called, and not while a live
// delivery refers to the id.
func (t *targets) hold(url string) (id string, release func(), err error) {
	if mockserver.RedactURL(url) == url {
		return "", func() {}, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.byURL[sha256.Sum256([]byte(url))]
	if one == nil {
		id := rand.Text()
		if err := t.secrets.Put(targetPrefix+id, signature.NewSecret(url)); err != nil {
			return "", nil, err
		}
		one = t.add(id, url)
	}
	return one.id, t.use(one), nil
}

// holdID is hold for a URL that is known by its id; false if it is not.
func (t *targets) holdID(id string) (release func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.byID[id]
	if one == nil {
		return nil, false
	}
	return t.use(one), true
}

// use needs t.mu.
func (t *targets) use(one *target) (release func()) {
	one.users++
	one.used = true
	return sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		one.users--
	})
}

// url is that of an id.
func (t *targets) url(id string) (string, bool) {
	secret, ok := t.secrets.Get(targetPrefix + id)
	return secret.Reveal(), ok
}

// full reports whether it is time to look which of them are needed.
func (t *targets) full() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.byID) > t.few
}

// sweep forgets the URLs that no live delivery refers to and that nobody holds.
func (t *targets) sweep(ctx context.Context, deliveries mockserver.Reader) error {
	t.mu.Lock()
	idle := map[string]bool{}
	for id, one := range t.byID {
		if one.users == 0 {
			idle[id] = true
		}
		one.used = false
	}
	t.mu.Unlock()
	if len(idle) == 0 {
		return nil
	}
	for q := (mockserver.Query{Live: true, Limit: 1000}); ; {
		page, err := deliveries.List(ctx, q)
		if err != nil {
			return err
		}
		for i := range page {
			if page[i].Route != nil {
				r, _ := parseRef(page[i].Route.Ref)
				delete(idle, r.name)
			}
		}
		if len(page) < q.Limit {
			break
		}
		q.Before = page[len(page)-1].Seq
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	var failed error
	for id := range idle {
		one := t.byID[id]
		if one == nil || one.users > 0 || one.used { // used meanwhile, perhaps by what is live now
			continue
		}
		if err := t.secrets.Delete(targetPrefix + id); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		delete(t.byID, id)
		delete(t.byURL, one.digest)
	}
	t.few = max(fewTargets, 2*len(t.byID))
	return failed
}
