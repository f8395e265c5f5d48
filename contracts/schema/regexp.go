package schema

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// matchTimeout bounds one match of a pattern that needs backtracking.
const matchTimeout = 50 * time.Millisecond

// compilePattern compiles the pattern of a schema. JSON Schema asks for the
// regular expressions of ECMA-262, but advises to keep to what every engine
// knows; Go's engine runs in linear time and comes first. Look-around, back
// references and the like are left to an engine that backtracks, under a time
// limit.
func compilePattern(pattern string) (jsonschema.Regexp, error) {
	linear, err := regexp.Compile(pattern)
	if err == nil {
		return linear, nil
	}
	if re, err := regexp2.Compile(pattern, regexp2.ECMAScript); err == nil {
		re.MatchTimeout = matchTimeout
		return backtracking{re}, nil
	}
	return nil, err
}

// backtracking is a pattern with a time limit.
type backtracking struct{ *regexp2.Regexp }

// MatchString counts a match that takes too long as none.
func (b backtracking) MatchString(s string) bool {
	ok, err := b.Regexp.MatchString(s)
	return ok && err == nil
}

// pattern is compilePattern with a memory of the patterns of the schemas.
func (c *compiler) pattern(pattern string) (jsonschema.Regexp, error) {
	if re, ok := c.patterns.Load(pattern); ok {
		return re.(jsonschema.Regexp), nil
	}
	return compilePattern(pattern)
}

// checkPattern compiles the pattern at a site.
func (c *compiler) checkPattern(at site, pattern string) error {
	re, err := c.pattern(pattern)
	if err == nil {
		c.patterns.Store(pattern, re)
		return nil
	}
	why := err.Error()
	var e *syntax.Error
	if errors.As(err, &e) {
		why = e.Code.String()
	}
	return c.errorAt(at, "%s is no regular expression: %s", quote(pattern), strings.ToLower(why))
}
