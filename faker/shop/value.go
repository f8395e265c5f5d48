package shop

// Type is what an attribute's value is.
type Type uint8

// The types of attributes. None is the type of a value that is not there.
const (
	None    Type = iota
	Text         // a string
	Choice       // a string of a closed set, Attribute.Values
	Integer      // a whole number
	Money        // whole minor units of the shop's currency
	Rate         // hundredths of a per cent: 1900 is 19 %
	Boolean
	Time // milliseconds since 1970
	One  // another entity, or none
	Many // a list of entities
)

var typeNames = [...]string{"none", "text", "choice", "integer", "money", "rate", "boolean", "time", "one", "many"}

// String is the type's name in the documentation.
func (t Type) String() string { return typeNames[t] }

// Value is what an attribute of one entity says. The zero Value says nothing.
type Value struct {
	Type Type
	form form
	Text string // of Text and Choice, unless Spell has it
	Int  int64  // of the others; Boolean: 0 or 1
}

// form is how a text is spelled that is not kept as one.
type form uint8

const (
	asText form = iota
	asHex       // 32 digits
	asUUID      // version 4
)

// Spell appends the text of a Text or a Choice.
func (v Value) Spell(dst []byte) []byte {
	if v.form == asText {
		return append(dst, v.Text...)
	}
	const digits = "0123456789abcdef"
	a := mix(uint64(v.Int), saltKey)
	b := mix(a, saltEntity)
	if v.form == asUUID {
		a = a&^0xf000 | 0x4000 // version
		b = b&^(3<<62) | 1<<63 // variant
	}
	for i := range 32 {
		if v.form == asUUID && (i == 8 || i == 12 || i == 16 || i == 20) {
			dst = append(dst, '-')
		}
		if i < 16 {
			dst = append(dst, digits[a>>(60-4*i)&15])
		} else {
			dst = append(dst, digits[b>>(60-4*(i-16))&15])
		}
	}
	return dst
}

func textOf(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{Type: Text, Text: s}
}

func timeOf(ms int64) Value {
	if ms == 0 {
		return Value{}
	}
	return Value{Type: Time, Int: ms}
}
