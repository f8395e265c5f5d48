package layers

import (
	"os"
	"testing"
)

// root is the module's folder as this test sees it.
const root = "../.."

// TestTree holds the rules against the tree as it stands.
func TestTree(t *testing.T) {
	source, broken, err := readTree(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range broken {
		t.Error(p)
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for _, p := range rule.check(source) {
				t.Error(p)
			}
		})
	}
}
