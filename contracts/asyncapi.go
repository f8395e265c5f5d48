package contracts

import (
	"net/http"
	"slices"
)

// asyncReader turns an AsyncAPI 3 document into a contract. What it does not
// need (servers, security, tags, replies, other protocols' bindings) it does
// not read: the meta-schemas of AsyncAPI judge those.
type asyncReader struct {
	lib         *library
	root        place
	contract    *Contract
	defaults    extension
	contentType string
	seen        map[spot]*EventType // messages that were read
	listed      int                 // messages that channels and operations list
}

// spot is where something stands in a set of documents.
type spot struct{ document, at string }

func (p place) spot() spot { return spot{p.doc.Name(), p.at} }

// maxListed bounds the messages that operations list: some thousands of
// operations over one channel of some thousands of messages would take a
// machine's afternoon.
const maxListed = 50_000

func readAsyncAPI(root place, lib *library, digest string) (*Contract, error) {
	r := &asyncReader{lib: lib, root: root, seen: map[spot]*EventType{}}
	r.contract = &Contract{digest: digest, doc: root.doc, library: lib, byName: map[string]*EventType{}, byTag: map[string]*EventType{}}
	for _, step := range []func() error{r.info, r.extension, r.operations, r.conflicts, r.lifecycles, r.shared} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.contract, nil
}

func (r *asyncReader) info() error {
	c := r.contract
	info, ok := r.root.child("info")
	if !ok {
		return r.root.errorf("info is missing").hint(`write info: {title: "…", version: "1.0.0"}`)
	}
	if err := info.object(); err != nil {
		return err
	}
	if err := info.optional("title", line(&c.title), "version", line(&c.version), "description", text(&c.description)); err != nil {
		return err
	}
	if c.title == "" {
		return info.errorf("info.title is missing").hint("write title: the provider's name and what it tells")
	}
	r.contentType = "application/json"
	return r.root.optional("defaultContentType", line(&r.contentType))
}

// optional reads those of the named members that are there: pairs of a name
// and its reader.
func (p place) optional(pairs ...any) error {
	for i := 0; i < len(pairs); i += 2 {
		if v, ok := p.child(pairs[i].(string)); ok {
			if err := pairs[i+1].(func(place) error)(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *asyncReader) extension() (err error) {
	r.defaults, err = documentExtension(r.root, r.contract)
	return err
}

// operations reads every operation that sends.
func (r *asyncReader) operations() error {
	ops, ok := r.root.child("operations")
	if !ok {
		return r.root.errorf("operations are missing: nothing says what the provider sends").hint(`write operations: {send: {action: send, channel: {$ref: "#/channels/…"}}}`)
	}
	if err := ops.object(); err != nil {
		return err
	}
	received := 0
	for _, m := range ops.members() {
		op, err := r.lib.follow(m.place)
		if err != nil {
			return err
		}
		if err := op.object(); err != nil {
			return err
		}
		action, ok := op.child("action")
		if !ok {
			return op.errorf("action is missing").hint("write action: send")
		}
		name, err := oneOfText[string](action, []string{"send", "receive"})
		if err != nil {
			return err
		}
		if name == "receive" {
			received++
			continue
		}
		if err := r.operation(op); err != nil {
			return err
		}
	}
	if len(r.contract.types) == 0 {
		f := ops.errorf("no operation sends anything")
		if received > 0 {
			return f.hint("a contract is written from the provider's side: action: send")
		}
		return f.hint("give the channels of an operation with action: send their messages")
	}
	return nil
}

func (r *asyncReader) operation(op place) error {
	method, err := r.method(op)
	if err != nil {
		return err
	}
	ref, ok := op.child("channel")
	if !ok {
		return op.errorf("channel is missing").hint(`write channel: {$ref: "#/channels/…"}`)
	}
	channel, err := r.lib.follow(ref)
	if err != nil {
		return err
	}
	if err := channel.object(); err != nil {
		return err
	}
	address, err := r.address(channel)
	if err != nil {
		return err
	}
	messages, err := r.messages(op, channel)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if err := r.message(m, method, address); err != nil {
			return err
		}
	}
	return nil
}

// method is that of the operation's HTTP binding, its own or a trait's.
func (r *asyncReader) method(op place) (string, error) {
	layers, err := r.layers(op)
	if err != nil {
		return "", err
	}
	for _, at := range slices.Backward(layers) {
		found := true
		for _, step := range []string{"bindings", "http", "method"} {
			if at, found = at.child(step); !found {
				break
			}
			if at, err = r.lib.follow(at); err != nil {
				return "", err
			}
		}
		if found {
			return oneOfText[string](at, []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodGet, http.MethodDelete})
		}
	}
	return http.MethodPost, nil
}

// layers are what an object with traits is made of, from the weakest: its
// traits, a later one above an earlier, and on top the object itself.
func (r *asyncReader) layers(p place) ([]place, error) {
	list, ok := p.child("traits")
	if !ok {
		return []place{p}, nil
	}
	items, err := list.items()
	if err != nil {
		return nil, err
	}
	layers := make([]place, 0, len(items)+1)
	for _, item := range items {
		trait, err := r.lib.follow(item)
		if err != nil {
			return nil, err
		}
		if err := trait.object(); err != nil {
			return nil, err
		}
		layers = append(layers, trait)
	}
	return append(layers, p), nil
}

// messages are those that the operation lists, else all of its channel.
func (r *asyncReader) messages(op, channel place) ([]member, error) {
	var listed []member
	if list, ok := op.child("messages"); ok {
		items, err := list.items()
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			ref, _ := item.child("$ref")
			listed = append(listed, member{lastToken(ref.word()), item})
		}
	} else {
		all, ok := channel.child("messages")
		if !ok {
			return nil, channel.errorf("the channel has no messages").hint(`write messages: {paid: {$ref: "#/components/messages/paid"}}`)
		}
		if err := all.object(); err != nil {
			return nil, err
		}
		listed = all.members()
	}
	if r.listed += len(listed); r.listed > maxListed {
		return nil, op.errorf("too many messages").hint("the operations of a contract may list 50000 messages together")
	}
	for i, m := range listed {
		meant, err := r.lib.follow(m.place)
		if err != nil {
			return nil, err
		}
		listed[i].place = meant
	}
	return listed, nil
}

// conflicts looks whether registration names events that exist.
func (r *asyncReader) conflicts() error {
	at := r.root
	for _, name := range []string{extensionKey, "registration", "conflicts"} {
		at, _ = at.child(name)
	}
	groups, _ := at.items()
	for _, g := range groups {
		names, _ := g.items()
		for _, n := range names {
			if _, ok := r.contract.byName[n.word()]; !ok {
				return n.errorf("no event is named %q", n.word()).nearest(n.word(), r.contract.names())
			}
		}
	}
	return nil
}
