package faker

import (
	"fmt"
	"os"
	"testing"

	"github.com/hookrig/hookrig/contracts/schema"
)

func TestSmoke(t *testing.T) {
	for i, text := range []string{
		`{"type":"object","required":["id","email"],"properties":{"id":{"type":"integer"},"email":{"type":"string","format":"email"},"firstName":{"type":"string"},"createdAt":{"type":"string","format":"date-time"},"updatedAt":{"type":"string","format":"date-time"},"code":{"type":"string","pattern":"^[A-Z]{2}\\d{4}$"},"items":{"type":"array","items":{"type":"object","properties":{"price":{"type":"object","required":["withTax","withoutTax","tax"],"properties":{"withTax":{"type":"integer"},"withoutTax":{"type":"integer"},"tax":{"type":"object","required":["vat"],"properties":{"vat":{"type":"object","required":["amount"],"properties":{"amount":{"type":"integer"}}}}}}},"sku":{"type":"string"}},"required":["price"]}},"cost":{"type":"object","required":["withTax","withoutTax"],"properties":{"withTax":{"type":"integer"},"withoutTax":{"type":"integer"}}}}}`,
		`{"type":"object","required":["a"],"properties":{"a":{"$ref":"#"}},"oneOf":[{"required":["b"]},{"not":{"required":["a"]}}]}`,
	} {
		d, err := schema.Read("x", []byte(text), schema.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := schema.Compile(d, "", schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := FromSchema(s, Options{Seed: uint64(i), Shape: Shape(os.Getenv("SHAPE")), Locale: os.Getenv("LOC")})
		if err != nil {
			t.Log(err)
			continue
		}
		for n := range uint64(4) {
			fmt.Println(string(v.Append(nil, n)))
		}
	}
}
