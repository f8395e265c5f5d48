package contracts

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hookrig/hookrig/contracts/signature"
)

// extensionKey is the one key for what AsyncAPI has no place for.
const extensionKey = "x-hookrig"

// extension is what a document says for all of its events.
type extension struct {
	policy   Policy
	identity Identity
}

// unsaid is the source of what the document does not say.
const unsaid = "the contract does not say; hookrig's default"

// A provider's name is a word of commands, journals and file names.
var providerName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// documentExtension reads the x-hookrig of the document into the contract. A
// document without one gets explicit, assumed defaults.
func documentExtension(root place, c *Contract) (extension, error) {
	c.provider = slug(c.title)
	c.sources = sources{Documented: root.doc.Name()}
	c.level = c.sources.fill(Provenance{Level: Documented})
	assumed := Provenance{Level: Assumed, Source: unsaid}
	c.discriminator = discriminator{pointer: "/type", tokens: []string{"type"}, value: "{name}", from: assumed}
	c.scheme, c.schemeSources = signature.Scheme{Algorithm: signature.None}, []statement{{says: assumed}}
	out := extension{policy: assumedPolicy(unsaid), identity: Identity{Provenance: assumed}}
	x, ok := root.child(extensionKey)
	if !ok {
		return out, nil
	}
	// First what the others inherit, wherever it stands.
	if s, ok := x.child("source"); ok {
		src, err := sourcesOf(s)
		if err != nil {
			return out, err
		}
		c.sources = src
	}
	c.level = c.sources.fill(Provenance{Level: Documented})
	if p, ok := x.child("provenance"); ok {
		level, err := levelOf(p, c.sources)
		if err != nil {
			return out, err
		}
		c.level = level
	}
	done := func(place) error { return nil }
	err := x.fields(map[string]func(place) error{
		"source":       done,
		"provenance":   done,
		"provider":     func(p place) error { return providerOf(p, c) },
		"event":        func(p place) error { return discriminatorOf(p, c) },
		"identity":     func(p place) (err error) { out.identity, err = identityOf(p, c); return },
		"delivery":     func(p place) (err error) { out.policy, err = documentPolicy(p, c); return },
		"signature":    func(p place) error { return schemeOf(p, c) },
		"headers":      func(p place) error { return headersOf(p, c) },
		"registration": func(p place) error { return registrationOf(p, c) },
		"lookups":      func(p place) error { return lookupsOf(p, c) },
		"lifecycle":    done, // read when the events are known
	})
	return out, err
}

func providerOf(p place, c *Contract) error {
	name, err := p.line()
	if err != nil {
		return err
	}
	if !providerName.MatchString(name) {
		return p.errorf("%q is no provider's name", name).hint("use a-z, 0-9 and -, for example " + slug(name))
	}
	c.provider = name
	return nil
}

func headersOf(p place, c *Contract) error {
	for _, m := range p.members() {
		var value string
		if err := headerValue(&value)(m.place); err != nil {
			return err
		}
		if err := m.checkHeaderName(m.name); err != nil {
			return err
		}
		if isContentType(m.name) {
			return m.errorf("Content-Type is not one of the static headers").hint("write defaultContentType: " + value + " at the top of the document")
		}
		c.headers = setHeader(c.headers, m.name, value)
	}
	return p.object()
}

func discriminatorOf(p place, c *Contract) error {
	d := discriminator{stated: true, value: "{name}", from: c.level}
	err := p.fields(map[string]func(place) error{
		"pointer":    pointerText(&d.pointer),
		"each":       pointerText(&d.each),
		"header":     headerName(&d.header),
		"value":      line(&d.value),
		"provenance": func(v place) (err error) { d.from, err = levelOf(v, c.sources); return },
	})
	if err != nil {
		return err
	}
	switch {
	case d.pointer == "" && d.header == "":
		return p.errorf("nothing says where a delivery names its event").hint("write pointer: /type, or header: X-Event")
	case d.header != "" && (d.pointer != "" || d.each != ""):
		return p.errorf("an event is named by a header or by the body, not by both").hint("leave out header, or pointer and each")
	case !strings.Contains(d.value, "{name}"):
		return p.errorf("value has no {name}: every event would look the same").hint(`write value: "{name}"`)
	}
	d.tokens, d.list = tokensOf(d.pointer), tokensOf(d.each)
	c.discriminator = d
	return nil
}

func identityOf(p place, c *Contract) (Identity, error) {
	id := Identity{Provenance: c.level}
	err := p.fields(map[string]func(place) error{
		"members": func(v place) error {
			items, err := v.items()
			for i := 0; i < len(items) && err == nil; i++ {
				var s string
				err = pointerText(&s)(items[i])
				id.Members = append(id.Members, s)
			}
			return err
		},
		"header":     headerName(&id.Header),
		"provenance": func(v place) (err error) { id.Provenance, err = levelOf(v, c.sources); return },
	})
	if err == nil && len(id.Members) == 0 && id.Header == "" {
		err = p.errorf("the identity names neither members nor a header").hint("write members: [/id], or leave identity out")
	}
	return id, err
}

func schemeOf(p place, c *Contract) error {
	s := &c.scheme
	var own []statement
	members := map[string]func(place) error{
		"algorithm":       line(&s.Algorithm),
		"signed":          text(&s.Signed),
		"encoding":        line(&s.Encoding),
		"header":          headerName(&s.Header),
		"value":           line(&s.Value),
		"separator":       line(&s.Separator),
		"timestampHeader": headerName(&s.TimestampHeader),
		"idHeader":        headerName(&s.IDHeader),
		"key":             line(&s.Key),
		"keyPrefix":       line(&s.KeyPrefix),
		"tolerance":       positive(&s.Tolerance),
		"optional":        flag(&s.Optional),
		"claims":          func(v place) error { return claimsOf(v, s) },
	}
	names := slices.Sorted(maps.Keys(members))
	members["provenance"] = func(v place) (err error) {
		if own, err = provenanceOf(v, c.sources); err != nil {
			return err
		}
		return v.about(own, names)
	}
	if err := p.fields(members); err != nil {
		return err
	}
	c.schemeSources = slices.Concat(own, []statement{{says: c.level}})
	var err error
	c.signer, err = s.Signer()
	var unsound *signature.SchemeError
	if errors.As(err, &unsound) {
		at, _ := p.child(unsound.Member)
		return at.errorf("%v", unsound).hint("docs/contract-format.md lists what a signature may say")
	}
	return err
}

func claimsOf(p place, s *signature.Scheme) error {
	s.Claims = map[string]string{}
	for _, m := range p.members() {
		t, err := m.line()
		if err != nil {
			return err
		}
		s.Claims[m.name] = t
	}
	return p.object()
}

func registrationOf(p place, c *Contract) error {
	c.conflictsFrom = c.level
	return p.fields(map[string]func(place) error{
		"conflicts": func(v place) error {
			groups, err := v.items()
			for i := 0; i < len(groups) && err == nil; i++ {
				var names []string
				err = texts(&names)(groups[i])
				c.conflicts = append(c.conflicts, names)
			}
			return err
		},
		"provenance": func(v place) (err error) { c.conflictsFrom, err = levelOf(v, c.sources); return },
	})
}

// messageExtension reads the x-hookrig of one message and of its traits over
// the defaults of the document.
func (r *asyncReader) messageExtension(t *EventType, layers []place) error {
	c := r.contract
	t.documentation = DocumentedFully
	t.policy, t.identity = r.defaults.policy, r.defaults.identity
	value := c.discriminator.value
	for _, layer := range layers {
		x, ok := layer.child(extensionKey)
		if !ok {
			continue
		}
		err := x.fields(map[string]func(place) error{
			"documentation": func(p place) (err error) {
				t.documentation, err = oneOfText[Documentation](p, []string{string(DocumentedFully), string(DocumentedPartly), string(Undocumented)})
				return
			},
			"provenance": func(p place) error {
				own, err := provenanceOf(p, c.sources)
				t.provenance = append(own, t.provenance...) // the upper layer first
				return err
			},
			"notes":    texts(&t.notes),
			"value":    line(&value),
			"cause":    causesOf(&t.causes),
			"delivery": func(p place) (err error) { t.policy, err = policyOf(p, t.policy, c); return },
			"identity": func(p place) (err error) { t.identity, err = identityOf(p, c); return },
		})
		if err != nil {
			return err
		}
	}
	t.tag = strings.ReplaceAll(value, "{name}", t.name)
	return nil
}

var noSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slug makes a provider's name from a title.
func slug(title string) string {
	s := strings.Trim(noSlug.ReplaceAllString(strings.ToLower(short(title)), "-"), "-")
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		s = strings.TrimSuffix("provider-"+s, "-")
	}
	return strings.TrimSuffix(s[:min(len(s), 40)], "-")
}
