// Package catalog holds the built-in contracts, one AsyncAPI document per
// provider, embedded. Which of their statements the providers document and
// which are assumed stands in the documents themselves.
package catalog

import (
	"embed"
	"io/fs"
	"sync"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/schema"
)

//go:embed */asyncapi.yaml
var files embed.FS

// Names of the built-in contracts, in the order in which commands list them.
var Names = []string{"xentral", "shoptet", "sellercenter", "scayle", "ergonode"}

// Files is the tree of the documents: "<provider>/asyncapi.yaml".
func Files() fs.FS { return files }

var loaded = func() map[string]func() (*contracts.Contract, error) {
	m := map[string]func() (*contracts.Contract, error){}
	for _, name := range Names {
		m[name] = sync.OnceValues(func() (*contracts.Contract, error) {
			return contracts.Load(files, name+"/asyncapi.yaml")
		})
	}
	return m
}()

// Load returns the built-in contract of a provider. The error is an
// *UnknownProviderError; that a built-in document is sound is a test's
// business.
func Load(provider string) (*contracts.Contract, error) {
	load, ok := loaded[provider]
	if !ok {
		return nil, &UnknownProviderError{Name: provider, Nearest: schema.Nearest(provider, Names)}
	}
	return load()
}

// UnknownProviderError names the nearest providers that exist.
type UnknownProviderError struct {
	Name    string
	Nearest []string
}

func (e *UnknownProviderError) Error() string { return "unknown provider " + `"` + e.Name + `"` }

func must(provider string) *contracts.Contract {
	c, err := Load(provider)
	if err != nil {
		panic("catalog: " + err.Error())
	}
	return c
}

// Xentral is the contract of the Xentral ERP.
func Xentral() *contracts.Contract { return must("xentral") }

// Shoptet is the contract of the Shoptet e-shop platform.
func Shoptet() *contracts.Contract { return must("shoptet") }

// SellerCenter is the contract of the Seller Center marketplace software.
func SellerCenter() *contracts.Contract { return must("sellercenter") }

// Scayle is the contract of the SCAYLE commerce engine.
func Scayle() *contracts.Contract { return must("scayle") }

// Ergonode is the contract of the Ergonode PIM.
func Ergonode() *contracts.Contract { return must("ergonode") }
