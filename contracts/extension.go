package contracts

import (
	"regexp"
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

var providerName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// documentExtension reads the x-hookrig of the document into the contract. A
// document without one gets explicit, assumed defaults.
func documentExtension(x place, c *Contract) (extension, error) {
	const unsaid = "the contract does not say; hookrig's default"
	c.provider = slug(c.title)
	c.level = Provenance{Level: Documented, Source: x.doc.Name()}
	c.sources = sources{Documented: x.doc.Name()}
	c.discriminator = discriminator{pointer: "/type", value: "{name}", from: Provenance{Level: Assumed, Source: unsaid}}
	c.schemeSource = Provenance{Level: Assumed, Source: unsaid}
	c.scheme = signature.Scheme{Algorithm: signature.None}
	out := extension{policy: assumedPolicy(unsaid), identity: Identity{Provenance: Provenance{Level: Assumed, Source: unsaid}}}
	if x.value == nil {
		return out, nil
	}
	if err := x.object(); err != nil {
		return out, err
	}
	if s, ok := x.child("source"); ok { // before all that inherits it
		src, err := sourcesOf(s)
		if err != nil {
			return out, err
		}
		c.sources = src
	}
	src := c.sources
	c.level = src.fill(Provenance{Level: Documented})
	err := x.fields(map[string]func(place) error{
		"provider": func(p place) error {
			if err := text(&c.provider)(p); err != nil {
				return err
			}
			if !providerName.MatchString(c.provider) {
				return p.errorf("%q is no provider's name", c.provider).hint("use a-z, 0-9 and -, for example " + slug(c.provider))
			}
			return nil
		},
		"source": func(place) error { return nil },
		"provenance": func(p place) error {
			level, err := levelOf(p, src)
			c.level = level
			return err
		},
		"event":    func(p place) error { return discriminatorOf(p, c) },
		"identity": func(p place) (err error) { out.identity, err = identityOf(p, src); return },
		"delivery": func(p place) (err error) { out.policy, err = policyOf(p, Policy{}, src); return },
		"signature": func(p place) error {
			return schemeOf(p, c)
		},
		"headers": func(p place) error {
			for _, m := range p.members() {
				v, err := m.text()
				if err != nil {
					return err
				}
				c.headers = append(c.headers, header{m.name, v})
			}
			return p.object()
		},
		"registration": func(p place) error { return registrationOf(p, c) },
	})
	if err != nil {
		return out, err
	}
	out.policy = completed(out.policy, assumedPolicy(unsaid))
	return out, nil
}

// completed fills what a delivery section leaves out from the assumed
// defaults, marked as such. An absent repeat, giveUp, jitter, gone or cap says
// that there is none; waits and the rest need a value.
func completed(p, base Policy) Policy {
	fill := func(missing bool, member string, set func()) {
		if missing {
			set()
			p.provenance = append(p.provenance, statement{at: []string{member}, says: base.Provenance("")})
		}
	}
	if p.provenance == nil {
		return base
	}
	fill(p.Success == nil, "success", func() { p.Success = base.Success })
	fill(p.Timeout == 0, "timeout", func() { p.Timeout = base.Timeout })
	fill(p.Waits == nil && p.Repeat == 0, "waits", func() { p.Waits = base.Waits })
	fill(p.Then == "", "then", func() { p.Then = base.Then })
	fill(p.Ordering == "", "ordering", func() { p.Ordering = base.Ordering })
	fill(p.Duplicates == "", "duplicates", func() { p.Duplicates = base.Duplicates })
	return p
}

func discriminatorOf(p place, c *Contract) error {
	d := discriminator{stated: true, value: "{name}", from: c.level}
	var source string
	err := p.fields(map[string]func(place) error{
		"pointer":    pointerText(&d.pointer),
		"each":       pointerText(&d.each),
		"header":     text(&d.header),
		"value":      text(&d.value),
		"source":     text(&source),
		"provenance": func(v place) (err error) { d.from, err = levelOf(v, c.sources); return },
	})
	if err != nil {
		return err
	}
	if source != "" {
		d.from.Source = source
	}
	switch {
	case d.pointer == "" && d.header == "":
		return p.errorf("nothing says where a delivery names its event").hint("write pointer: /type, or header: X-Event")
	case d.header != "" && (d.pointer != "" || d.each != ""):
		return p.errorf("an event is named by a header or by the body, not by both").plain()
	case !strings.Contains(d.value, "{name}"):
		return p.errorf("value has no {name}: every event would look the same").plain()
	}
	c.discriminator = d
	return nil
}

func identityOf(p place, src sources) (Identity, error) {
	id := Identity{Provenance: src.fill(Provenance{Level: Documented})}
	var source string
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
		"header":     text(&id.Header),
		"source":     text(&source),
		"provenance": func(v place) (err error) { id.Provenance, err = levelOf(v, src); return },
	})
	if source != "" {
		id.Provenance.Source = source
	}
	return id, err
}

func schemeOf(p place, c *Contract) error {
	s := &c.scheme
	c.schemeSource = c.level
	var source string
	err := p.fields(map[string]func(place) error{
		"algorithm":       text(&s.Algorithm),
		"signed":          text(&s.Signed),
		"encoding":        text(&s.Encoding),
		"header":          text(&s.Header),
		"value":           text(&s.Value),
		"separator":       text(&s.Separator),
		"timestampHeader": text(&s.TimestampHeader),
		"idHeader":        text(&s.IDHeader),
		"key":             text(&s.Key),
		"keyPrefix":       text(&s.KeyPrefix),
		"tolerance":       positive(&s.Tolerance),
		"optional":        flag(&s.Optional),
		"claims": func(v place) error {
			s.Claims = map[string]string{}
			for _, m := range v.members() {
				t, err := m.text()
				if err != nil {
					return err
				}
				s.Claims[m.name] = t
			}
			return v.object()
		},
		"source": text(&source),
		"provenance": func(v place) error {
			all, err := provenanceOf(v, c.sources)
			c.schemeSource, _ = bestOf(all, nil)
			return err
		},
	})
	if err != nil {
		return err
	}
	if source != "" {
		c.schemeSource.Source = source
	}
	if err := s.Check(); err != nil {
		return p.errorf("%v", err).plain()
	}
	return nil
}

func registrationOf(p place, c *Contract) error {
	var source string
	c.conflictsFrom = c.level
	err := p.fields(map[string]func(place) error{
		"conflicts": func(v place) error {
			groups, err := v.items()
			for i := 0; i < len(groups) && err == nil; i++ {
				var names []string
				err = texts(&names)(groups[i])
				c.conflicts = append(c.conflicts, names)
			}
			return err
		},
		"source":     text(&source),
		"provenance": func(v place) (err error) { c.conflictsFrom, err = levelOf(v, c.sources); return },
	})
	if source != "" {
		c.conflictsFrom.Source = source
	}
	return err
}

// messageExtension reads the x-hookrig of one message over the defaults of the
// document.
func messageExtension(x place, defaults extension, t *EventType) error {
	c := t.contract
	t.documentation = DocumentedFully
	t.policy, t.identity = defaults.policy, defaults.identity
	value := c.discriminator.value
	if x.value != nil {
		err := x.fields(map[string]func(place) error{
			"documentation": func(p place) (err error) {
				t.documentation, err = oneOfText[Documentation](p, []string{string(DocumentedFully), string(DocumentedPartly), string(Undocumented)})
				return
			},
			"provenance": func(p place) (err error) { t.provenance, err = provenanceOf(p, c.sources); return },
			"notes":      texts(&t.notes),
			"value":      text(&value),
			"delivery":   func(p place) (err error) { t.policy, err = policyOf(p, defaults.policy, c.sources); return },
			"identity":   func(p place) (err error) { t.identity, err = identityOf(p, c.sources); return },
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
	s := strings.Trim(noSlug.ReplaceAllString(strings.ToLower(title), "-"), "-")
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		s = strings.TrimSuffix("provider-"+s, "-")
	}
	return s
}
