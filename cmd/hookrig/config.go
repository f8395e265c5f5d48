package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
	"github.com/hookrig/hookrig/mockserver"
)

//go:embed hookrig.schema.json
var configSchemaText []byte

// configSchema judges configuration files. Each member of config stands in it.
var configSchema = sync.OnceValues(func() (*schema.Schema, error) {
	doc, err := schema.Read("hookrig.schema.json", configSchemaText, schema.Limits{})
	if err != nil {
		return nil, err
	}
	return schema.Compile(doc, "", schema.Options{})
})

// config is a hookrig.yaml: what a mock server does, in a file that is
// committed. What each member means stands in hookrig.schema.json. Zero means
// that the file does not say.
type config struct {
	Addr          string               `json:"addr"`
	ProvidersAddr string               `json:"providersAddr"` // of the registration APIs, or "off"
	RelaxedURLs   bool                 `json:"relaxedUrls"`
	Transport     string               `json:"transport"`
	Hosts         []string             `json:"hosts"`
	Token         *reference           `json:"token"`
	AllowTargets  []string             `json:"allowTargets"`
	Contracts     []string             `json:"contracts"`
	Seed          uint64               `json:"seed"`
	At            string               `json:"at"`
	Locale        string               `json:"locale"`
	Shape         string               `json:"shape"`
	Speed         float64              `json:"speed"`
	Chaos         rates                `json:"chaos"`
	Unmarked      bool                 `json:"unmarked"`
	Wait          mockserver.Duration  `json:"wait"`
	Journal       string               `json:"journal"`
	Secrets       map[string]reference `json:"secrets"`
	Endpoints     map[string]receiver  `json:"endpoints"`
	Limits        limits               `json:"limits"`
	// Schedules have their name from the key. A share of a mix without a
	// provider is its endpoint's.
	Schedules map[string]mockserver.Schedule `json:"schedules"`

	name   string                // of the file; "" where there is none
	doc    *schema.Document      // for the places of mistakes
	folder string                // what paths in the file are relative to
	known  []*contracts.Contract // the built-in ones and those of the file
}

// receiver is an endpoint of the file.
type receiver struct {
	URL         text            `json:"url"`
	Provider    string          `json:"provider"`
	Secret      string          `json:"secret"` // a name of config.Secrets
	Headers     map[string]text `json:"headers"`
	Basic       *reference      `json:"basic"` // user:password
	TLS         *receiverTLS    `json:"tls"`
	Rate        float64         `json:"rate"` // attempts a second
	Concurrency int             `json:"concurrency"`
}

// receiverTLS names files in PEM.
type receiverTLS struct {
	CA         string     `json:"ca"`
	Cert       string     `json:"cert"`
	Key        *reference `json:"key"`
	ServerName string     `json:"serverName"`
}

type limits struct {
	Workers     int        `json:"workers"`
	PerEndpoint int        `json:"perEndpoint"`
	Body        configSize `json:"body"`
	Retention   *retention `json:"retention"`
}

// retention is how long and how much the journal keeps of what has ended.
type retention struct {
	Age  mockserver.Duration `json:"age"`
	Size configSize          `json:"size"`
}

// readConfig reads a configuration file and says what is wrong with it, as far
// as that can be said without the secrets.
func (c *console) readConfig(name string) (*config, error) {
	data, err := c.readInput(name)
	if err != nil {
		return nil, err
	}
	doc, err := schema.Read(filepath.ToSlash(name), data, schema.Limits{})
	if err != nil {
		return nil, err
	}
	rule, err := configSchema()
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(doc.Value())
	if err != nil {
		return nil, err
	}
	if broken := rule.Validate(body); len(broken) > 0 {
		return nil, configMistake(doc, rule.Node(), broken)
	}
	cfg := &config{doc: doc, name: name, folder: filepath.Dir(name)}
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(cfg); err != nil {
		return nil, doc.Errorf("", "%v", err)
	}
	if cfg.known, err = builtIns(); err != nil {
		return nil, err
	}
	for i, file := range cfg.contractFiles() {
		if cfg.known, err = c.serveContract(cfg.known, file); err != nil {
			return nil, cfg.contractFault(i, err)
		}
	}
	cfg.complete()
	return cfg, cfg.check()
}

// complete gives the schedules what they have from elsewhere in the file.
func (cfg *config) complete() {
	for name, s := range cfg.Schedules {
		s.Name = name
		if s.Seed == 0 {
			s.Seed = cfg.Seed
		}
		for i := range s.Mix {
			if share := &s.Mix[i]; share.Provider == "" {
				share.Provider = cfg.Endpoints[share.Endpoint].Provider
			}
		}
		cfg.Schedules[name] = s
	}
}

// path is where a file of the configuration is: relative to it.
func (cfg *config) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(cfg.folder, name)
}

func (cfg *config) contractFiles() []string {
	files := make([]string, len(cfg.Contracts))
	for i, name := range cfg.Contracts {
		files[i] = cfg.path(name)
		if !namesFile(files[i]) { // a built-in name is no file
			files[i] = "." + string(filepath.Separator) + files[i]
		}
	}
	return files
}

// contract finds the contract of a provider's name.
func (cfg *config) contract(provider string) (*contracts.Contract, error) {
	var names []string
	for _, c := range cfg.known {
		if c.Provider() == provider {
			return c, nil
		}
		names = append(names, c.Provider())
	}
	return nil, fmt.Errorf("unknown provider %q%s", provider, nearestOf(provider, names))
}

// errorf is a mistake at a pointer of the file, with what to write instead.
func (cfg *config) errorf(pointer, hint, format string, args ...any) error {
	e := cfg.doc.Errorf(pointer, format, args...)
	e.Hint = hint
	return e
}

// contractFault is what is wrong with a contract of the file: at its own place,
// or at that of its name where it could not be read.
func (cfg *config) contractFault(i int, err error) error {
	var inside *schema.Error
	if errors.As(err, &inside) {
		return err
	}
	return cfg.at(place("contracts", strconv.Itoa(i)), err)
}

// at says where in the file something is that went wrong elsewhere.
func (cfg *config) at(pointer string, err error) error {
	hint := ""
	var f *failure
	if errors.As(err, &f) {
		hint = f.hint
	}
	return cfg.errorf(pointer, hint, "%s", err)
}

// place is a pointer of members.
func place(members ...string) string {
	var b strings.Builder
	for _, m := range members {
		b.WriteString("/" + schema.Escape(m))
	}
	return b.String()
}

// nearestOf is the end of a message about a name that is none.
func nearestOf(name string, names []string) string {
	if near := schema.Nearest(name, names); len(near) > 0 {
		return ", the nearest is " + near[0]
	}
	slices.Sort(names)
	if len(names) == 0 {
		return ": there are none"
	}
	return ": there are " + strings.Join(names, ", ")
}
