package contracts

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hookrig/hookrig/contracts/schema"
)

func caused(cause string) (*Contract, error) {
	return Load(fstest.MapFS{"c.yaml": {Data: []byte(`asyncapi: 3.1.0
info: {title: Shop, version: 1.0.0}
channels: {all: {messages: {made: {$ref: "#/components/messages/made"}}}}
operations: {all: {action: send, channel: {$ref: "#/channels/all"}}}
components:
  messages:
    made:
      payload: {type: object}
      x-hookrig:
        cause: ` + cause + "\n")}}, "c.yaml")
}

func TestCauses(t *testing.T) {
	for text, want := range map[string][]Cause{
		"order.placed":                        {{Action: "order.placed"}},
		"[order.placed, {action: invoice.*}]": {{Action: "order.placed"}, {Action: "invoice.*"}},
		"{action: a.b, each: order.lines, when: x = 1, delay: 2s}": {{Action: "a.b", Each: "order.lines", When: []string{"x = 1"}, Delay: 2 * time.Second}},
		"{action: a.b, when: [x = 1, y]}":                          {{Action: "a.b", When: []string{"x = 1", "y"}}},
		"[]":                                                       nil,
	} {
		c, err := caused(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, c.EventTypes()[0].Causes(), cmpopts.IgnoreUnexported(Cause{})); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func TestCauseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"17":                                  "c.yaml:10",
		"{}":                                  "names no action",
		"{actoin: order.placed}":              `did you mean "action"?`,
		"{action: a, delay: 3}":               "expected a duration",
		"{action: a, delay: -3s}":             "no duration longer than nothing",
		"{action: a, delay: 25h}":             "the limit is 1d",
		"{action: a, when: {x: 1}}":           "expected a text",
		"{action: a, each: [x]}":              "expected a text",
		"[" + strings.Repeat("a,", 201) + "]": "at most 200",
	} {
		_, err := caused(text)
		var at *schema.Error
		if !errors.As(err, &at) || !strings.Contains(at.Error()+at.Hint, want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	c, err := caused("order.plced")
	if err != nil {
		t.Fatal(err)
	}
	fault := c.EventTypes()[0].Causes()[0].Fault("unknown action", "order.plced", []string{"order.placed", "order.paid"})
	var at *schema.Error
	if !errors.As(fault, &at) || at.Line != 10 || !strings.Contains(at.Hint, "order.placed") {
		t.Errorf("%v", fault)
	}
}
