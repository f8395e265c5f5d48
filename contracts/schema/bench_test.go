package schema

import (
	"fmt"
	"strings"
	"testing"
)

// contract is a document of n messages and about a kilobyte each.
func contract(n int) string {
	var b strings.Builder
	b.WriteString("asyncapi: 3.1.0\ncomponents:\n  messages:\n")
	for i := range n {
		fmt.Fprintf(&b, `    order.event%d:
      name: "order:event%d"
      title: Something happened to an order, and the provider says so at once
      payload:
        type: object
        required: [id, event, created, order]
        properties:
          id: {$ref: "#/components/schemas/id", description: Identifier of this very event}
          event: {const: "order:event%d", description: What happened}
          created: {$ref: "#/components/schemas/time", description: When it happened}
          note: {type: [string, "null"], maxLength: 500, description: What the customer wrote}
          order: {$ref: "#/components/schemas/order"}
          state:
            type: string
            enum: [open, paid, sent, done, cancelled]
            description: The state of the order after the event, in the words of the shop
          total: {type: number, minimum: 0, multipleOf: 0.01, description: What is to be paid}
          mail: {type: string, format: email, description: The address of the customer}
      examples: []
`, i, i, i)
	}
	b.WriteString(`  schemas:
    id: {type: string, format: uuid, x-faker: uuid}
    time: {type: string, format: date-time}
    money: {type: string, pattern: '^-?[0-9]+\.[0-9]{2}$'}
    order:
      type: object
      required: [code, lines]
      properties:
        code: {type: string, minLength: 1}
        lines: {type: array, minItems: 1, items: {$ref: "#/components/schemas/line"}}
      additionalProperties: false
    line:
      type: object
      required: [sku, quantity, price]
      properties: {sku: {type: string}, quantity: {type: integer, minimum: 1}, price: {$ref: "#/components/schemas/money"}}
      additionalProperties: false
`)
	return b.String()
}

const orderEvent = `{"id":"7d444840-9dc0-11d1-b245-5ffdce74fad2","event":"order:event7","created":"2024-02-29T12:00:00Z","note":null,"order":{"code":"2024-1","lines":[
{"sku":"A","quantity":1,"price":"12.50"},{"sku":"B","quantity":2,"price":"3.00"},{"sku":"C","quantity":3,"price":"0.10"}]},"state":"paid","total":18.8,"mail":"a@example.com"}`

// TestContractOfBenchmarks keeps the benchmarks honest.
func TestContractOfBenchmarks(t *testing.T) {
	text := contract(8)
	s, err := Compile(read(t, "a.yaml", text), "/components/messages/order.event7/payload", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if v := s.Validate([]byte(orderEvent)); v != nil {
		t.Error(v)
	}
	if v := s.Validate([]byte(strings.Replace(orderEvent, "12.50", "12.5", 1))); len(v) != 1 || v[0].Pointer != "/order/lines/0/price" {
		t.Error(v)
	}
}

func BenchmarkRead(b *testing.B) {
	text := []byte(contract(225))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Read("a.yaml", text, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompileFirst compiles one schema of a document of 225, the first
// that is asked for.
func BenchmarkCompileFirst(b *testing.B) {
	d := read(b, "a.yaml", contract(225))
	for b.Loop() {
		d.compilers = nil
		if _, err := Compile(d, "/components/messages/order.event7/payload", Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompileAll compiles all 225.
func BenchmarkCompileAll(b *testing.B) {
	d := read(b, "a.yaml", contract(225))
	for b.Loop() {
		d.compilers = nil
		for i := range 225 {
			if _, err := Compile(d, fmt.Sprintf("/components/messages/order.event%d/payload", i), Options{}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	s, err := Compile(read(b, "a.yaml", contract(8)), "/components/messages/order.event7/payload", Options{})
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(orderEvent)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if v := s.Validate(body); v != nil {
			b.Fatal(v)
		}
	}
}

func BenchmarkReadBody(b *testing.B) {
	body := []byte(orderEvent)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		readBody(body)
	}
}
