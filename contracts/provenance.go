package contracts

import (
	"slices"
	"strings"
)

// Level says how well a statement of a contract is founded.
type Level string

// The levels, from the best founded to the least.
const (
	Documented Level = "documented" // in the provider's document that the contract was made from
	Published  Level = "published"  // elsewhere by the provider
	Reported   Level = "reported"   // by third parties
	Assumed    Level = "assumed"    // by us, because nobody says
)

var levels = []string{string(Documented), string(Published), string(Reported), string(Assumed)}

// Provenance is where a statement comes from. Source names the place for
// people; Note says what is odd about the statement, if anything is.
type Provenance struct {
	Level  Level  `json:"level"`
	Source string `json:"source,omitempty"`
	Note   string `json:"note,omitempty"`
}

// String is the level, and the source where there is one.
func (p Provenance) String() string {
	if p.Source == "" {
		return string(p.Level)
	}
	return string(p.Level) + ": " + p.Source
}

// statement is one line of a provenance map: what it says of everything at
// and below a pointer.
type statement struct {
	at   []string // tokens, "*" for any list item or further member
	says Provenance
}

// covers reports whether the statement speaks of the value at tokens.
func (s statement) covers(tokens []string) bool {
	if len(s.at) > len(tokens) {
		return false
	}
	for i, t := range s.at {
		if t != "*" && tokens[i] != "*" && t != tokens[i] {
			return false
		}
	}
	return true
}

// bestOf picks the statement with the longest pointer; among equals the first,
// so callers list outer places before inner ones.
func bestOf(statements []statement, tokens []string) (Provenance, bool) {
	best := -1
	for i, s := range statements {
		if s.covers(tokens) && (best < 0 || len(s.at) > len(statements[best].at)) {
			best = i
		}
	}
	if best < 0 {
		return Provenance{}, false
	}
	return statements[best].says, true
}

// named leaves out the default of a place.
func named(statements []statement) []statement {
	return slices.DeleteFunc(slices.Clone(statements), func(s statement) bool { return len(s.at) == 0 })
}

// tokensOf splits a JSON Pointer (RFC 6901).
func tokensOf(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, t := range tokens {
		tokens[i] = unescape.Replace(t)
	}
	return tokens
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// sources are the default sources of a document, by level.
type sources map[Level]string

func (s sources) fill(p Provenance) Provenance {
	if p.Source == "" {
		p.Source = s[p.Level]
	}
	return p
}

// provenanceOf reads a level, or a map from pointers to levels, relative to
// where it stands. Pointers keep the order of the document.
func provenanceOf(p place, src sources) ([]statement, error) {
	_, isMap := p.value.(map[string]any)
	if _, single := p.child("level"); single || !isMap {
		one, err := levelOf(p, src)
		return []statement{{says: one}}, err
	}
	var all []statement
	for _, m := range p.members() {
		if m.name != "" && !strings.HasPrefix(m.name, "/") {
			return nil, m.errorf("a provenance map has JSON Pointers as keys, %q is none", m.name).hint("write \"/" + m.name + "\"")
		}
		one, err := levelOf(m.place, src)
		if err != nil {
			return nil, err
		}
		all = append(all, statement{at: tokensOf(m.name), says: one})
	}
	return all, nil
}

// levelOf reads "published" or {level: published, source: …, note: …}.
func levelOf(p place, src sources) (Provenance, error) {
	if name, ok := p.value.(string); ok {
		level, err := p.oneOf(name, levels)
		return src.fill(Provenance{Level: Level(level)}), err
	}
	var out Provenance
	err := p.fields(map[string]func(place) error{
		"level":  func(v place) (err error) { out.Level, err = oneOfText[Level](v, levels); return },
		"source": text(&out.Source),
		"note":   text(&out.Note),
	})
	if err == nil && out.Level == "" {
		err = p.errorf("a provenance needs a level").hint("one of " + strings.Join(levels, ", "))
	}
	return src.fill(out), err
}

// sourcesOf reads the document's sources: one text for what is documented, or
// a map by level.
func sourcesOf(p place) (sources, error) {
	if _, ok := p.value.(string); ok {
		one, err := p.text()
		return sources{Documented: one}, err
	}
	if err := p.object(); err != nil {
		return nil, err
	}
	out := sources{}
	for _, m := range p.members() {
		if !slices.Contains(levels, m.name) {
			return nil, m.errorf("unknown level %q", m.name).nearest(m.name, levels)
		}
		s, err := m.text()
		if err != nil {
			return nil, err
		}
		out[Level(m.name)] = s
	}
	return out, nil
}
