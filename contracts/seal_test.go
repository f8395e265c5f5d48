package contracts

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hookrig/hookrig/contracts/signature"
)

// What a scheme signs must be given, and the error names the field.
func TestSealNamesTheMissingOption(t *testing.T) {
	c := load(t, "standard.yaml")
	ev := Event{Type: c.EventTypes()[0], Body: []byte("{}")}
	whole := SealOptions{
		URL: "http://shop.test/", ID: "msg_1", Time: time.Unix(1767607923, 0),
		Secrets: []signature.Secret{signature.NewSecret("whsec_c2VjcmV0")},
	}
	if _, err := c.Seal(ev, whole); err != nil {
		t.Fatal(err)
	}
	for member, broken := range map[string]func(*SealOptions){
		"ID":   func(o *SealOptions) { o.ID = "" },
		"Time": func(o *SealOptions) { o.Time = time.Time{} },
	} {
		o := whole
		broken(&o)
		_, err := c.Seal(ev, o)
		var input *signature.InputError
		if !errors.As(err, &input) || input.Member != member || !strings.Contains(err.Error(), "SealOptions."+member+": ") {
			t.Errorf("%s: %v", member, err)
		}
	}
}
