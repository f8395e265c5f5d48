package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/spf13/cobra"
)

// listenFlags are the flags of "hookrig listen".
type listenFlags struct {
	addr    string
	secrets []string
	save    string
	forward string
	answer  int
	body    bool
	count   int
}

func (c *console) listenCommand() *cobra.Command {
	var f listenFlags
	cmd := &cobra.Command{
		Use:   "listen [PROVIDER]",
		Short: "Receive deliveries, check and print them",
		Long: `Receives deliveries, opens them by the contract and prints for each what it was,
whether its signature is right, what breaks the contract, and what was answered:
the contract's success, 401 for a signature and 400 for anything else. Without
PROVIDER it takes and prints whatever comes; with it, --body prints the bodies.

--save keeps what arrives as JSON lines {"at","method","path","headers","body"},
with "raw" in base64 where the body is no JSON on one line; credentials in
headers and in the query are left out. --forward-to passes each request on and
its answer back. It ends with an interrupt, or after --count requests, and exits
with 1 if one of them broke the contract or had a wrong signature.`,
		Example: `  hookrig listen shoptet --secret-env SHOPTET_SECRET
  hookrig listen --addr 127.0.0.1:9000
  hookrig listen xentral --secret-env XENTRAL_SECRET --forward-to http://localhost:8080/hooks
  hookrig listen scayle --save recorded.jsonl --count 10 --format json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("hookrig listen "+shellWord(args[0]), "%q is one argument too many", args[1])
			}
			return nil
		},
		ValidArgsFunction: c.completeProvider,
		RunE:              func(cmd *cobra.Command, args []string) error { return c.listen(cmd.Context(), &f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:9000", "`ADDRESS` to listen on; port 0 takes a free one")
	secretFlag(cmd, &f.secrets)
	flags.StringVar(&f.save, "save", "", "append what arrives to `FILE`, as JSON lines")
	flags.StringVar(&f.forward, "forward-to", "", "pass each request on to `URL`, and its answer back")
	flags.BoolVar(&f.body, "body", false, "print the bodies too")
	flags.IntVar(&f.answer, "answer", 0, "answer everything with this status")
	flags.IntVar(&f.count, "count", 0, "end after this many requests")
	return cmd
}

func (c *console) listen(ctx context.Context, f *listenFlags, args []string) error {
	l, err := c.newListener(f, args)
	if err != nil {
		return err
	}
	defer l.close()
	ln, err := listenAt("--addr", f.addr)
	if err != nil {
		return err
	}
	d := door{ln, l}
	return c.serveUntil(ctx, site{
		doors: []door{d}, within: time.Minute, done: l.enough, ready: func() { l.ready(d.url()) }, end: l.verdict,
	})
}

// listener is the receiver behind "hookrig listen".
type listener struct {
	console  *console
	contract *contracts.Contract // nil: anything
	options  mockserver.InboxOptions
	inbox    *mockserver.Inbox
	forward  *forwarder
	capture  *capture
	count    int
	bodies   bool          // print them
	enough   chan struct{} // closed when count requests have come, or nothing more can be saved

	mu       sync.Mutex
	received int
	broken   int // those that break the contract, but for refused
	refused  int // those with a wrong signature, whatever else is wrong
	unsaved  error
	end      sync.Once // of enough
}

func (c *console) newListener(f *listenFlags, args []string) (*listener, error) {
	if err := checkAddr("--addr", f.addr); err != nil {
		return nil, err
	}
	l := &listener{console: c, count: f.count, bodies: f.body || len(args) == 0, enough: make(chan struct{})}
	switch {
	case f.count < 0:
		return nil, usagef("--count 1", "--count %d is negative", f.count)
	case f.answer != 0 && (f.answer < 200 || f.answer > 599):
		return nil, usagef("--answer 503", "--answer %d is no status that ends a request", f.answer)
	case f.answer != 0 && f.forward != "":
		return nil, tooManyf("--forward-to "+shellWord(f.forward), []string{"--answer"}, "with --forward-to the answer is the other receiver's, so there is no --answer")
	}
	secrets, err := c.secrets(f.secrets)
	if err != nil {
		return nil, err
	}
	if len(args) > 0 {
		if l.contract, err = c.contract(args[0]); err != nil {
			return nil, err
		}
		if err := requireListenSecret(l.contract, secrets); err != nil {
			return nil, err
		}
		if err := checkSecrets(l.contract, f.secrets, secrets); err != nil {
			return nil, err
		}
		if scheme, _ := l.contract.Signature(); scheme.Signs() && len(secrets) == 0 {
			c.note("note: credentials are not checked; give them with --secret-env %s as user:password", secretName(l.contract))
		}
	}
	if f.forward != "" {
		if l.forward, err = newForwarder(f.forward); err != nil {
			return nil, err
		}
		if to := l.forward.target.Host; isLoopback(to) && isLoopback(f.addr) && portOf(to) == portOf(f.addr) {
			return nil, usagef("--forward-to "+exampleTarget, "--forward-to leads back to %q, where this listens", f.addr)
		}
	}
	if f.save != "" {
		if l.capture, err = openCapture(f.save); err != nil {
			return nil, err
		}
	}
	l.options = mockserver.InboxOptions{Secrets: secrets, Seen: l.seen, Now: c.now, Limit: 1}
	if f.answer != 0 {
		l.options.Respond = func(*mockserver.Received) int { return f.answer }
	}
	l.inbox = mockserver.NewInbox(l.contract, l.options)
	return l, nil
}

func requireListenSecret(contract *contracts.Contract, secrets []signature.Secret) error {
	scheme, _ := contract.Signature()
	if !scheme.Signs() || scheme.Optional || len(secrets) > 0 {
		return nil
	}
	return usagef("--secret-env "+secretName(contract),
		"%s: %w", contract.Provider(), signature.ErrNoSecret)
}

// ServeHTTP takes a request in.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.forward == nil {
		l.inbox.ServeHTTP(w, r)
		return
	}
	// The answer is the other receiver's, so this request has an inbox of its
	// own that asks there.
	relay := &relay{forwarder: l.forward, ctx: r.Context(), to: w}
	o := l.options
	o.Respond = relay.respond
	mockserver.NewInbox(l.contract, o).ServeHTTP(relay, r)
}

func (l *listener) ready(url string) {
	c := l.console
	if addr := strings.TrimPrefix(url, "http://"); !isLoopback(addr) {
		c.note("note: %s can be reached from other machines", addr)
	}
	if c.json() {
		c.row(readyRow{"ready", url})
		return
	}
	what := "anything"
	if l.contract != nil {
		what = l.contract.Title()
	}
	c.printf("listening on %s for %s\n", c.bold(url), what)
}

// seen prints and keeps a request; the inbox calls it for one after the other.
func (l *listener) seen(got mockserver.Received) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.console
	l.received++
	switch {
	case !got.Opened.Signature.OK():
		l.refused++
	case got.Problem != nil:
		l.broken++
	}
	if c.json() {
		c.row(receivedRowOf(l.contract, got))
	} else {
		l.print(got)
	}
	_ = c.flush() // told at the end
	if l.capture != nil && l.unsaved == nil {
		l.unsaved = l.capture.add(got, l.signatureHeader())
	}
	if l.received == l.count || l.unsaved != nil {
		l.end.Do(func() { close(l.enough) })
	}
}

// signatureHeader is the header that proves a delivery, "" where no contract
// says so.
func (l *listener) signatureHeader() string {
	if l.contract == nil {
		return ""
	}
	scheme, _ := l.contract.Signature()
	return scheme.Header
}

func (l *listener) verdict() error {
	c := l.console
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.json() {
		c.row(listenSummary{"summary", l.received, l.broken, l.refused})
	} else {
		c.printf("%s received, %d broke the contract", plural(l.received, "request"), l.broken)
		if l.refused > 0 {
			c.printf(", %s refused", plural(l.refused, "signature"))
		}
		c.printf("\n")
	}
	switch {
	case l.unsaved != nil:
		return unjudged("df -h "+shellWord(nearestFolder(l.capture.file.Name())), fmt.Errorf("cannot write %q: %w", l.capture.file.Name(), cause(l.unsaved)))
	case l.broken+l.refused > 0:
		return errBroken
	}
	return nil
}

func (l *listener) close() {
	if l.capture != nil {
		if err := l.capture.file.Close(); err != nil {
			l.console.note("hookrig: %v", err)
		}
	}
}
