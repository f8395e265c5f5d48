package schema

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// JSON Schema asks for the regular expressions of ECMA-262, but advises to
// keep to what every engine knows. Go's engine, which runs in linear time,
// comes first. What it cannot compile (look-around, back references) is left
// to an engine that backtracks and may need exponential time, under limits.
const (
	matchTimeout = 50 * time.Millisecond // of one match
	bodyTimeout  = time.Second           // of all matches while one body is judged
)

// patience is the time left for backtracking. Bodies that need it are judged
// one after the other.
type patience struct {
	sync.Mutex
	needed bool // some pattern backtracks
	left   time.Duration
}

// spend lets a body be judged with a fresh patience.
func (p *patience) spend(judge func()) {
	if p != nil {
		p.Lock()
		defer p.Unlock()
		p.left = bodyTimeout
	}
	judge()
}

// backtracking is a pattern with a time limit.
type backtracking struct {
	*regexp2.Regexp
	patience *patience
}

// MatchString counts a match that takes too long as none.
func (b backtracking) MatchString(s string) bool {
	if b.patience.left <= 0 {
		return false
	}
	start := time.Now()
	ok, err := b.Regexp.MatchString(s)
	b.patience.left -= time.Since(start)
	return ok && err == nil
}

// compilePattern compiles a pattern.
func (c *compiler) compilePattern(pattern string) (jsonschema.Regexp, error) {
	linear, err := regexp.Compile(pattern)
	if err == nil {
		return linear, nil
	}
	if re, err := regexp2.Compile(pattern, regexp2.ECMAScript); err == nil {
		re.MatchTimeout = matchTimeout
		return backtracking{re, &c.patience}, nil
	}
	return nil, err
}

// pattern is compilePattern with a memory of the patterns of the schemas.
func (c *compiler) pattern(pattern string) (jsonschema.Regexp, error) {
	if re, ok := c.patterns.Load(pattern); ok {
		return re.(jsonschema.Regexp), nil
	}
	return c.compilePattern(pattern)
}

// checkPattern compiles the pattern at a site.
func (c *compiler) checkPattern(at site, pattern string) error {
	re, err := c.pattern(pattern)
	if err == nil {
		c.patterns.Store(pattern, re)
		if _, slow := re.(backtracking); slow {
			c.patience.needed = true
		}
		return nil
	}
	why := err.Error()
	var e *syntax.Error
	if errors.As(err, &e) {
		why = e.Code.String()
	}
	return c.errorAt(at, "%s is no regular expression: %s", quote(pattern), strings.ToLower(why))
}
