package faker

import (
	"encoding/json"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Command is the command line that prints the event which [Faker.Event] makes
// of the same arguments: what a failing test shows to whoever has to look at
// it. Words are quoted for a POSIX shell. A contract of one's own is named by
// its file, as contracts.Load was given it, so the line runs in the folder that
// the files were read from.
//
//	t.Errorf("%v\nreproduce: %s", err, f.Command("order:create", faker.Nth(n)))
//
// What a [Pool] gives is written as the value that this event takes. Names and
// pointers are not checked here; the command says what is wrong with them.
func (f *Faker) Command(event string, edits ...Edit) string {
	o := f.options
	words := []string{"hookrig", "fake", f.provider(), event, "--seed", strconv.FormatUint(o.Seed, 10)}
	if n := nth(edits); n > 0 {
		words = append(words, "--nth", strconv.FormatUint(n, 10))
	}
	if o.Shape != "" && o.Shape != Typical {
		words = append(words, "--shape", string(o.Shape))
	}
	if o.Locale != "" && o.Locale != "en" {
		words = append(words, "--locale", o.Locale)
	}
	if !o.At.IsZero() {
		words = append(words, "--at", o.At.UTC().Format(time.RFC3339))
	}
	for _, x := range edits {
		switch x.kind {
		case editDrop:
			if x.pointer != "" { // which drops nothing
				words = append(words, "--drop", x.pointer)
			}
		case editSet:
			words = append(words, "--set", x.pointer+"="+string(compact(x.text)))
		case editPool:
			words = append(words, "--set", x.pointer+"="+string(f.pooled(event, x, nth(edits))))
		}
	}
	for i, word := range words {
		words[i] = shellWord(word)
	}
	return strings.Join(words, " ")
}

// provider is the word by which the command finds the contract.
func (f *Faker) provider() string {
	name, file := f.contract.Provider(), f.contract.File()
	switch {
	case file == name+"/asyncapi.yaml": // a built-in one
		return name
	case strings.Contains(file, "/") || slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(file)):
		return file
	}
	return "./" + file
}

// nth is the ordinal that the edits choose: the last one counts.
func nth(edits []Edit) (n uint64) {
	for _, x := range edits {
		if x.kind == editNth {
			n = x.n
		}
	}
	return n
}

// pooled is the value that event number n takes from a pool.
func (f *Faker) pooled(event string, x Edit, n uint64) json.RawMessage {
	_, p, err := f.find(event)
	if err != nil {
		return nil
	}
	e, err := p.compile(event, []Edit{x})
	if err != nil {
		return nil
	}
	var g gen
	g.start(f.setting, p.salt, n)
	return x.pool.choose(g.root, e.edits[0].tokens)
}

// shellWord quotes a word for a POSIX shell where that is needed.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./:=,@%+", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
