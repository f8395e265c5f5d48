package kill

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/mockserver"
)

// serve --wait says for whom it waits, is ready once the receiver listens, and
// sends it nothing before there is something to send. Where nobody comes, it ends
// with 3 and names who is missing.
func TestServeWaits(t *testing.T) {
	dir := t.TempDir()
	held, err := net.Listen("tcp", "127.0.0.1:0") // the address is ours, and nobody takes its connections
	if err != nil {
		t.Fatal(err)
	}
	address := held.Addr().String()
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "hookrig.yaml")
	contract, err := filepath.Abs("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("addr: 127.0.0.1:0\nprovidersAddr: \"off\"\njournal: journal\ncontracts: [%q]\nsecrets: {shop: {env: SHOP_SECRET}}\n"+
		"endpoints: {late: {url: 'http://%s/hooks', provider: shop, secret: shop}}\n", filepath.ToSlash(contract), address)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	early := command(t, "serve", "--format", "json", "--config", config, "--wait", "300ms")
	out, err := early.CombinedOutput()
	if code := early.ProcessState.ExitCode(); code != 3 || !strings.Contains(string(out), `endpoint "late": nothing takes connections`) || strings.Contains(string(out), `"ready"`) {
		t.Fatalf("exit code %d, %v: %s", code, err, out)
	}

	cmd := command(t, "serve", "--format", "json", "--config", config, "--wait", patience.String())
	told, said := io.Pipe()
	t.Cleanup(func() { _ = said.Close() })
	waiting := make(chan net.Listener, 1)
	go func() { // once it waits, the receiver comes
		line, _ := bufio.NewReader(told).ReadString('\n')
		if !strings.Contains(line, `waiting for endpoint "late" at `+address) {
			t.Errorf("it says %q", line)
		}
		late, err := net.Listen("tcp", address)
		if err != nil {
			t.Error(err)
		}
		waiting <- late
		_, _ = io.Copy(io.Discard, told)
	}()
	p, err := await(t, cmd, func() error {
		cmd.Stderr = said // await wants to keep what is said
		return cmd.Start()
	})
	if err != nil {
		t.Fatal(err)
	}
	late := <-waiting
	asked := make(chan string, 100)
	receiver := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Get("X-Shop-Id")
	})}
	go func() { _ = receiver.Serve(late) }()
	t.Cleanup(func() { _ = receiver.Close() })
	ids, err := p.post(wish{Provider: "shop", Event: "sold", Endpoint: "late", Count: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.settled()
	p.terminate()
	if first := <-asked; first != ids[0] || len(asked) > 0 {
		t.Errorf("the receiver was asked for %q first, and %d times more, for %q", first, len(asked), ids)
	}
	audited(t, filepath.Join(dir, "journal"), map[string]bool{ids[0]: true}, mockserver.Delivered)
}
