package layers

import (
	"fmt"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/catalog"
)

// spelled is how the README writes the providers' names.
var spelled = map[string]string{
	"xentral": "Xentral", "shoptet": "Shoptet", "sellercenter": "Seller Center", "scayle": "SCAYLE", "ergonode": "Ergonode",
}

// TestReadmeFacts: what the README says about the providers is what their
// contracts say.
func TestReadmeFacts(t *testing.T) {
	readme, err := os.ReadFile(path.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	has := func(text string) {
		if !strings.Contains(strings.Join(strings.Fields(string(readme)), " "), text) {
			t.Errorf("README.md does not say %q, which the contracts do", text)
		}
	}
	total := map[contracts.Documentation]int{}
	for _, provider := range catalog.Names {
		c, err := catalog.Load(provider)
		if err != nil {
			t.Fatal(err)
		}
		own := map[contracts.Documentation]int{}
		for _, e := range c.EventTypes() {
			own[e.Documentation()]++
			total[e.Documentation()]++
		}
		name := spelled[provider]
		has(fmt.Sprintf("| %s | %d | %d / %d / %d", name, len(c.EventTypes()), own[contracts.DocumentedFully], own[contracts.DocumentedPartly], own[contracts.Undocumented]))

		e := c.EventTypes()[0]
		_, signed := c.Signature()
		row := deliveryRow(string(readme), name)
		for i, p := range []contracts.Provenance{e.Policy().Provenance("success"), e.Policy().Provenance("timeout"), e.Policy().Provenance("waits"), signed} {
			if cell := row[i+2]; !strings.HasPrefix(cell, string(p.Level)) && cell != "none is mentioned" {
				t.Errorf("README.md: %s: column %d says %q, the contract %q", name, i+3, cell, p.Level)
			}
		}
		if method := row[1]; !strings.HasSuffix(method, e.Method()) {
			t.Errorf("README.md: %s: method %q, the contract says %q", name, method, e.Method())
		}
	}
	has(fmt.Sprintf("**%d document their payload in full, %d in part and %d not at all**", total[contracts.DocumentedFully], total[contracts.DocumentedPartly], total[contracts.Undocumented]))
}

// deliveryRow is the last row of the README that begins with a name.
func deliveryRow(readme, name string) []string {
	cells := make([]string, 6)
	for line := range strings.Lines(readme) {
		if strings.HasPrefix(line, "| "+name+" |") {
			cells = strings.Split(strings.Trim(line, "| \n"), " | ")
		}
	}
	return cells
}
