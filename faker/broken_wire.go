package faker

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

// ruleWire is the Rule of breakages that are no matter of a schema.
const ruleWire = "wire"

// utf8Claim is what bodies in another charset claim to be.
const utf8Claim = "application/json; charset=utf-8"

// beyondDoubles is the first integer that a reader of doubles does not keep.
const beyondDoubles = "9007199254740993" // 2^53 + 1

// wire lists what can be wrong with the bytes of a body. It needs a body that
// keeps the schema.
func (b *breaker) wire(body []byte) []Breakage {
	var all []Breakage
	add := func(name, pointer, claim string, broken []byte) {
		if broken != nil {
			all = append(all, Breakage{
				Label: ruleWire + ":" + name, Rule: ruleWire, Pointer: pointer,
				Event: contracts.Event{Body: broken}, Raw: name == "duplicate" || !isText(broken), ContentType: claim,
			})
		}
	}
	around := func(before, after string) []byte { return []byte(before + string(body) + after) }
	leaves := leavesOf(body)
	pick := func(change func(l leaf) []byte) (pointer string, broken []byte) {
		for _, l := range leaves {
			if text := change(l); text != nil {
				return l.pointer, replace(body, l.start, l.end, text)
			}
		}
		return "", nil
	}
	number := func(text string) (string, []byte) {
		for _, kind := range []string{"-0123456789", `"`, "tfn"} { // a number; else a text; else anything
			at, broken := pick(func(l leaf) []byte {
				if strings.IndexByte(kind, body[l.start]) < 0 {
					return nil
				}
				return []byte(text)
			})
			if broken != nil {
				return at, broken
			}
		}
		return "", nil
	}

	add("empty", "", "", []byte{})
	add("truncated", "", "", truncated(body))
	at, broken := twice(body)
	add("duplicate", at, "", broken)
	at, broken = number("NaN")
	add("nan", at, "", broken)
	at, broken = number("Infinity")
	add("infinity", at, "", broken)
	at, broken = b.within(body, leaves, func(l leaf) []byte { return integerBeyond(body[l.start:l.end]) })
	add("integer", at, "", broken)
	at, broken = b.within(body, leaves, func(l leaf) []byte { return inText(body[l.start:l.end], `\ud800`) })
	add("surrogate", at, "", broken)
	add("trailing-comma", "", "", trailingComma(body))
	between := ""
	if !holds(body, 0) {
		between = " " // two numbers are one
	}
	add("two-documents", "", "", around("", between+string(body)))
	add("leading-garbage", "", "", around(")]}',", ""))
	add("trailing-garbage", "", "", around("", "\x00"))
	add("bom", "", "", around("\ufeff", ""))
	add("utf-16", "", utf8Claim, inUTF16(body))
	at, broken = pick(func(l leaf) []byte { return inText(body[l.start:l.end], "\xfc") }) // ü
	add("latin-1", at, utf8Claim, broken)
	return all
}

// within is the first change of a leaf that keeps the schema.
func (b *breaker) within(body []byte, leaves []leaf, change func(leaf) []byte) (string, []byte) {
	const most = 200
	for _, l := range leaves[:min(most, len(leaves))] {
		if text := change(l); text != nil {
			if broken := replace(body, l.start, l.end, text); len(b.schema.Validate(broken)) == 0 {
				return l.pointer, broken
			}
		}
	}
	return "", nil
}

// A leaf is a value that holds no others.
type leaf struct {
	pointer    string
	start, end int
}

func leavesOf(body []byte) []leaf {
	var all []leaf
	var walk func(pointer string, i int)
	walk = func(pointer string, i int) {
		if !holds(body, i) {
			all = append(all, leaf{pointer, i, skip(body, i)})
			return
		}
		for _, c := range children(body, i) {
			walk(pointer+"/"+schema.Escape(c.name), c.value)
		}
	}
	walk("", 0)
	return all
}

// truncated is the body up to its middle, as after a lost connection.
func truncated(body []byte) []byte {
	cut := bytes.Clone(body[:len(body)/2])
	for len(cut) > 0 && (json.Valid(cut) || !utf8.Valid(cut)) { // 12 is a number, 1 is one too
		cut = cut[:len(cut)-1]
	}
	if len(cut) == 0 {
		return nil
	}
	return cut
}

// twice repeats the first member of the body, with another value.
func twice(body []byte) (string, []byte) {
	if body[0] != '{' {
		return "", nil
	}
	cs := children(body, 0)
	if len(cs) == 0 {
		return "", nil
	}
	other := "null"
	if string(body[cs[0].value:cs[0].end]) == other {
		other = "0"
	}
	member := append(append(quoted(cs[0].name), ':'), other...)
	return "/" + schema.Escape(cs[0].name), insert(body, 0, cs, len(cs), member)
}

func integerBeyond(text []byte) []byte {
	if _, err := strconv.ParseInt(string(text), 10, 64); err != nil {
		return nil
	}
	return []byte(beyondDoubles)
}

// inText puts bytes into the middle of a text, in the place of a character
// that no escape belongs to, or at the end.
func inText(text []byte, what string) []byte {
	if text[0] != '"' {
		return nil
	}
	inner := text[1 : len(text)-1]
	for i := len(inner) / 2; i < len(inner) && bytes.IndexByte(inner, '\\') < 0; i++ {
		if inner[i] < utf8.RuneSelf {
			return replace(text, i+1, i+2, []byte(what))
		}
	}
	return replace(text, len(text)-1, len(text)-1, []byte(what))
}

func trailingComma(body []byte) []byte {
	if !holds(body, 0) || len(children(body, 0)) == 0 {
		return nil
	}
	return replace(body, len(body)-1, len(body)-1, []byte(","))
}

// inUTF16 is the body in UTF-16, little-endian, with its mark.
func inUTF16(body []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(string(body))) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}
