package schema_test

import (
	"fmt"

	"github.com/hookrig/hookrig/contracts/schema"
)

const document = `
components:
  messages:
    order.create:
      payload:
        type: object
        required: [event, total]
        properties:
          event: {const: "order:create"}
          total: {$ref: "#/components/schemas/money"}
  schemas:
    money: {type: string, pattern: '^[0-9]+\.[0-9]{2}$', x-faker: money}
`

// A schema is compiled where it stands, and says of a body what is wrong.
func Example() {
	doc, err := schema.Read("asyncapi.yaml", []byte(document), schema.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	order, err := schema.Compile(doc, "/components/messages/order.create/payload", schema.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range order.Validate([]byte(`{"event":"order:update","total":12.5}`)) {
		fmt.Println(v)
	}
	// Output:
	// /event: const: expected "order:create", found "order:update"
	// /total: type: expected a string, found 12.5
}

// A mistake in a document has a place and, where there is one, a remedy.
func ExampleError() {
	doc, err := schema.Read("order.yaml", []byte("properties:\n  total: {$ref: '#/definitions/mony'}\ndefinitions:\n  money: {type: string}\n"), schema.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = schema.Compile(doc, "", schema.Options{})
	fmt.Println(err)
	fmt.Println("hint:", err.(*schema.Error).Hint)
	// Output:
	// order.yaml:2:17: $ref "#/definitions/mony": nothing stands at "/definitions/mony" (at /properties/total/$ref)
	// hint: did you mean "/definitions/money"?
}

// Generators walk the same schema as a graph.
func ExampleSchema_Node() {
	doc, err := schema.Read("asyncapi.yaml", []byte(document), schema.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	order, err := schema.Compile(doc, "/components/messages/order.create/payload", schema.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range order.Node().Properties {
		fmt.Println(p.Name, first(p.Node))
	}
	// Output:
	// event "order:create"
	// total "money"
}

func first(n *schema.Node) string {
	if n.HasEnum {
		return string(n.Enum[0])
	}
	return fmt.Sprintf("%q", n.Ref.Extensions["x-faker"])
}

// A bundle is the schema for other tools.
func ExampleSchema_Bundle() {
	doc, err := schema.Read("asyncapi.yaml", []byte(document), schema.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	money, err := schema.Compile(doc, "/components/schemas/money", schema.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(money.Bundle()))
	// Output:
	// {
	//   "$schema": "http://json-schema.org/draft-07/schema#",
	//   "type": "string",
	//   "pattern": "^[0-9]+\\.[0-9]{2}$"
	// }
}

func ExampleNearest() {
	fmt.Println(schema.Nearest("order:craete", []string{"order:create", "order:update", "stock:movement"}))
	// Output: [order:create]
}
