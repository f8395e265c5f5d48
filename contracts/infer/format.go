package infer

import (
	"encoding/json"
	"regexp"
	"sync"

	"github.com/hookrig/hookrig/contracts/schema"
)

// formats are those that are looked for, the narrower before the wider. What a
// text has to look like at least saves asking the schema about most of them.
var formats = []string{"date-time", "date", "uuid", "email", "ipv4", "ipv6", "uri"}

var looks = map[string]*regexp.Regexp{
	"date-time": regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt ]`),
	"date":      regexp.MustCompile(`^\d{4}-\d\d-\d\d$`),
	"uuid":      regexp.MustCompile(`^[0-9A-Fa-f]{8}-`),
	"email":     regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`),
	"ipv4":      regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`),
	"ipv6":      regexp.MustCompile(`^[0-9A-Fa-f]*:[0-9A-Fa-f:.]+$`),
	"uri":       regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.\-]*://`),
}

// judges are compiled once: what is claimed is what bodies are validated by.
var judges = func() map[string]func() *schema.Schema {
	out := map[string]func() *schema.Schema{}
	for _, name := range formats {
		out[name] = sync.OnceValue(func() *schema.Schema {
			doc, err := schema.Read(name, []byte(`{"format":"`+name+`"}`), schema.Limits{})
			if err != nil {
				return nil
			}
			s, err := schema.Compile(doc, "", schema.Options{})
			if err != nil {
				return nil
			}
			return s
		})
	}
	return out
}()

// formatsOf are those of some formats that a text has.
func formatsOf(s string, of []string) (out []string) {
	for _, name := range of {
		if len(s) > 1000 || !looks[name].MatchString(s) {
			continue
		}
		text, err := json.Marshal(s)
		if judge := judges[name](); err == nil && judge != nil && len(judge.Validate(text)) == 0 {
			out = append(out, name)
		}
	}
	return out
}
