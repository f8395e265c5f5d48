package scenario

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/mockserver"
)

//go:embed scenario.schema.json
var schemaText []byte

// Schema is the JSON Schema of scenario files.
func Schema() []byte { return slices.Clone(schemaText) }

var fileSchema = sync.OnceValues(func() (*schema.Schema, error) {
	doc, err := schema.Read("scenario.schema.json", schemaText, schema.Limits{})
	if err != nil {
		return nil, err
	}
	return schema.Compile(doc, "", schema.Options{})
})

// maxFile is far more than a story needs, in bytes.
const maxFile = 1 << 20

// Scenario is a story as its file tells it. Change it by reading another file.
// It is safe for concurrent use.
type Scenario struct {
	Name      string            `json:"name"`
	About     string            `json:"about"`
	Providers []string          `json:"providers"` // as the file names them: built-in names, or contract files relative to it
	Seed      uint64            `json:"seed"`      // 1 where the file says none
	Seeded    bool              `json:"-"`         // the file says one
	At        time.Time         `json:"at"`
	Locale    string            `json:"locale"`
	Speed     float64           `json:"speed"` // 0: the file says none
	Settle    time.Duration     `json:"-"`
	Orders    map[string]*Order `json:"orders"`
	Steps     []Step            `json:"steps"`
	Expect    *Expect           `json:"expect"` // in the end; nil: nothing

	doc *schema.Document
}

// Order is how an order of the story goes, besides what the steps say.
type Order struct {
	Items    int    `json:"items"`
	Customer string `json:"customer"`
	Payment  string `json:"payment"`
	Method   string `json:"method"`
	Channel  string `json:"channel"`
	Count    int    `json:"count"` // so many of the kind, at least 1
}

// Step is something that happens, and how its deliveries are treated.
type Step struct {
	Do       string             `json:"-"`      // "order placed", "wait", "again" …
	Name     string             `json:"name"`   // Do where the file says none
	Order    string             `json:"order"`  // "" where it is about none
	Items    int                `json:"items"`  // pieces; 1 where the file says none
	Action   string             `json:"action"` // the shop's, of "happened"
	Again    string             `json:"step"`   // the name of the earlier step, of "again"
	Tamper   string             `json:"tamper"`
	Chaos    map[string]float64 `json:"chaos"`
	On       string             `json:"on"`      // a pattern of actions; "": all
	Reorder  string             `json:"reorder"` // "reversed", "with next" or ""
	Parallel bool               `json:"parallel"`
	Copies   int                `json:"copies"` // of each delivery, at the same moment; at least 1
	Rate     float64            `json:"rate"`   // deliveries a second, 0: each waits for the one before
	Expect   *Expect            `json:"expect"` // after the step; nil: nothing
	Within   time.Duration      `json:"-"`      // how long the shop may take, at most
	For      time.Duration      `json:"-"`      // of "wait"
	Group    int                `json:"-"`      // steps of the same one happen at once; 0: this one happens alone

	pointer string // of its options in the file
}

// Expect is what a receiver is expected to have done. What is absent is not
// looked at.
type Expect struct {
	// Answers is "success", a class such as "4xx" or a status such as "409".
	Answers string
	Effects *int // of each event
	// State is "known", "gone", "unchanged", "changed", or a JSON object of members
	// that the record has.
	State json.RawMessage
}

// UnmarshalJSON reads what the schema lets pass.
func (e *Expect) UnmarshalJSON(text []byte) error {
	var file struct {
		Answers any             `json:"answers"`
		Effects *int            `json:"effects"`
		State   json.RawMessage `json:"state"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&file); err != nil {
		return err
	}
	e.Effects, e.State = file.Effects, file.State
	switch v := file.Answers.(type) {
	case string:
		e.Answers = v
	case json.Number:
		e.Answers = v.String()
	}
	return nil
}

// MarshalJSON writes what stands in the file.
func (e Expect) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Answers string          `json:"answers,omitempty"`
		Effects *int            `json:"effects,omitempty"`
		State   json.RawMessage `json:"state,omitempty"`
	}{e.Answers, e.Effects, e.State})
}

// Load reads a scenario's file. The error is that of the file, or Read's.
func Load(fsys fs.FS, name string) (*Scenario, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	return Read(name, data)
}

// Read reads a scenario. The error is a *schema.Error with the place of the
// first mistake and a hint. The name is for errors.
func Read(name string, data []byte) (*Scenario, error) {
	doc, err := schema.Read(name, data, schema.Limits{Bytes: maxFile})
	if err != nil {
		return nil, err
	}
	rule, err := fileSchema()
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(doc.Value())
	if err != nil {
		return nil, err
	}
	if broken := rule.Validate(body); len(broken) > 0 {
		return nil, doc.Mistake(rule.Node(), broken, schema.Explanation{Hint: "steps: [order placed, shipped]"})
	}
	s := &Scenario{Seed: 1, doc: doc}
	if err := s.decode(body); err != nil {
		var place *schema.Error
		if errors.As(err, &place) {
			return nil, err
		}
		return nil, doc.Errorf("", "%v", err)
	}
	return s, s.check()
}

// decode reads what the schema has let pass.
func (s *Scenario) decode(body []byte) error {
	file := struct {
		*Scenario
		Seed   *uint64 `json:"seed"`
		Settle string  `json:"settle"`
		Steps  []any   `json:"steps"`
	}{Scenario: s}
	if err := json.Unmarshal(body, &file); err != nil {
		return err
	}
	if file.Seed != nil {
		s.Seed, s.Seeded = *file.Seed, true
	}
	if file.Settle != "" {
		var err error
		if s.Settle, err = contracts.ParseDuration(file.Settle); err != nil {
			return s.Errorf("/settle", "settle: 2s", "%v", err)
		}
	}
	if len(s.Orders) == 0 {
		s.Orders = map[string]*Order{"order": nil}
	}
	for name, o := range s.Orders {
		if o == nil {
			s.Orders[name] = new(Order)
		}
		s.Orders[name].Count = max(1, s.Orders[name].Count)
	}
	for i, step := range file.Steps {
		at := place("steps", i)
		group, all := 0, []any{step}
		if m, ok := step.(map[string]any); ok && m[doAtOnce] != nil {
			group, all = i+1, m[doAtOnce].([]any) // the schema has seen to it
		}
		for k, step := range all {
			if group > 0 {
				at = place("steps", i, doAtOnce, k)
			}
			one, err := s.readStep(step, at)
			if err != nil {
				return err
			}
			one.Group = group
			s.Steps = append(s.Steps, one)
		}
	}
	return nil
}

// readStep reads "order placed", "order placed: first" and "order placed:
// {order: first}".
func (s *Scenario) readStep(v any, pointer string) (step Step, err error) {
	step.pointer = pointer
	if do, ok := v.(string); ok {
		step.Do, v = do, nil
	} else {
		for do, options := range v.(map[string]any) { // of one member
			step.Do, v = do, options
			step.pointer += place(do)
		}
	}
	var times struct{ Within, For mockserver.Duration }
	switch v := v.(type) {
	case string:
		switch step.Do {
		case doWait:
			var d time.Duration
			d, err = contracts.ParseDuration(v)
			times.For = mockserver.Duration(d)
		case doAgain:
			step.Again = v
		default:
			step.Order = v
		}
	case []any:
		return step, s.Errorf(step.pointer, "order placed", "what happens at once cannot be nested")
	case map[string]any:
		var text []byte
		if text, err = json.Marshal(v); err == nil {
			err = errors.Join(json.Unmarshal(text, &step), json.Unmarshal(text, &times))
		}
	}
	if err != nil { // a time that the schema lets pass, and that is too long
		return step, s.Errorf(step.pointer, "wait: 2d", "%v", err)
	}
	step.Within, step.For = time.Duration(times.Within), time.Duration(times.For)
	if step.Within == 0 {
		step.Within = defaultWithin
	}
	step.Items, step.Copies = max(1, step.Items), max(1, step.Copies)
	if step.Name == "" {
		step.Name = step.Do
	}
	return step, nil
}

// defaultWithin is longer than any order of the shop lives.
const defaultWithin = 60 * 24 * time.Hour

// Errorf is a mistake at a pointer of the file, with what to write instead.
func (s *Scenario) Errorf(pointer, hint, format string, args ...any) error {
	e := s.doc.Errorf(pointer, format, args...)
	e.Hint = hint
	return e
}

// nearest names what is most like a name.
func nearest(name string, names []string) string {
	if near := schema.Nearest(name, names); len(near) > 0 {
		return ", the nearest is " + near[0]
	}
	slices.Sort(names)
	return ": there are " + strings.Join(names, ", ")
}

// place is the JSON Pointer of members and items.
func place(names ...any) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString("/" + schema.Escape(fmt.Sprint(name)))
	}
	return b.String()
}
