package verifier_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
	"github.com/hookrig/hookrig/mockserver"
	"github.com/hookrig/hookrig/verifier"
)

// A secret with all that JSON, pages and addresses spell in their own way.
const spoken = `canary/"<secret>"+&of the tests`

func inJSON(t *testing.T, text string, pages bool) string {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(pages)
	if err := enc.Encode(text); err != nil {
		t.Fatal(err)
	}
	return strings.Trim(out.String(), "\"\n")
}

// written is all that is kept of a run.
func written(t *testing.T, c *contracts.Contract, o verifier.Options) (string, *verifier.Report) {
	t.Helper()
	e, err := verifier.Collect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	r, err := verifier.Rejudge(c, e)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	out.Write(kept)
	for _, a := range e.Journal {
		if a.Attempt != nil {
			fmt.Fprintf(&out, "\n%s\n%v", a.Attempt.Body, a.Attempt.Header)
		}
	}
	for _, print := range []func(io.Writer) error{r.JSON, r.JUnit, r.HTML, func(w io.Writer) error { return r.Text(w, true) }} {
		if err := print(&out); err != nil {
			t.Fatal(err)
		}
	}
	return out.String(), r
}

// Whichever way a secret comes back, nothing that is kept of the run holds it.
func TestNoSecretIsKept(t *testing.T) {
	spelt := []string{
		spoken, base64.StdEncoding.EncodeToString([]byte(spoken)), html.EscapeString(spoken), inJSON(t, spoken, false), inJSON(t, spoken, true),
		strings.ReplaceAll(inJSON(t, spoken, false), "/", `\/`),
	}
	for i, text := range spelt {
		leak := func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Effects", text)
			w.Header().Set("X-Shoptet-Hmac", r.Header.Get("Shoptet-Webhook-Signature"))
			_, _ = fmt.Fprintf(w, "want %s\ngot %s", text, r.Header)
		}
		for name, change := range map[string]func(*verifier.Options){
			"header":  func(o *verifier.Options) { o.Oracle = verifier.HeaderOracle("X-Effects", "") },
			"effects": func(o *verifier.Options) { o.Oracle = failing(text) },
			"state": func(o *verifier.Options) {
				o.State = verifier.StateFunc(func(_ context.Context, ev contracts.Event, id string) (json.RawMessage, error) {
					state, err := json.Marshal(map[string]string{"note": text, "id": id})
					return state, err
				})
			},
		} {
			t.Run(fmt.Sprintf("%d %s", i, name), func(t *testing.T) {
				virtual(t, func(t *testing.T) {
					c := provider(t, "shoptet")
					o := verifier.Options{
						Contract: c, URL: "http://receiver.test/hooks", Secrets: []signature.Secret{signature.NewSecret(spoken)},
						Transport: mockserver.InProcess(http.HandlerFunc(leak)), Events: []string{c.EventTypes()[0].Name()},
						Only: []string{"authenticity/tells-secret", "authenticity/no-effect", "state/duplicate-once", "state/any-sequence"}, ContractArg: "shoptet",
						ExtraArgs: "--oracle 'http://shop.test/?t=" + spoken + "'",
					}
					change(&o)
					all, r := written(t, c, o)
					for _, never := range append(slices.Clone(spelt), "canary") {
						if at := strings.Index(all, never); at >= 0 {
							t.Fatalf("%q is kept: …%s…", never, all[max(0, at-100):min(len(all), at+100)])
						}
					}
					if !slices.Contains(findings(r, verifier.Fail), "authenticity/tells-secret") {
						t.Error("that the secret is told is no finding")
					}
				})
			})
		}
	}
}

// failing is an oracle that fails once something was sent, and says a text.
func failing(text string) verifier.Oracle {
	asked := 0
	return verifier.OracleFunc(func(context.Context, contracts.Event, string) (int, error) {
		if asked++; asked > 1 {
			return 0, errors.New("it says " + text)
		}
		return 0, nil
	})
}

// Whoever prints the request's headers prints a signature that is good for a while.
func TestNoProofIsKept(t *testing.T) {
	for _, name := range []string{"shoptet", "xentral", "scayle"} {
		virtualRun(t, name, func(t *testing.T) {
			c := galleryContract(t, name)
			scheme, _ := c.Signature()
			header := scheme.Header
			if scheme.Algorithm == signature.Basic {
				header = "Authorization"
			}
			var proofs []string
			o := verifier.Options{
				Contract: c, URL: "http://receiver.test/hooks", Secrets: secretsOf(c), Only: []string{"acknowledgement"}, Events: []string{c.EventTypes()[0].Name()},
				Transport: mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					proof := r.Header.Get(header)
					if proof != "" {
						_, bare, _ := strings.Cut(proof, "=")
						proofs = append(proofs, proof, max(bare, proof[:min(20, len(proof))]))
					}
					w.Header().Set("X-Echo", proof)
					_, _ = io.WriteString(w, inJSON(t, proof, true)+"\n"+proof)
				})),
			}
			all, _ := written(t, c, o)
			if len(proofs) == 0 {
				t.Fatal("nothing was signed")
			}
			for _, proof := range proofs {
				if strings.Contains(all, proof) {
					t.Errorf("%q is kept", proof)
				}
			}
		})
	}
}

// A secret that is a word stands in answers that do not tell it.
func TestAWordIsNoSecret(t *testing.T) {
	for _, row := range []struct {
		secret  string
		verdict verifier.Verdict
	}{
		{"secret", verifier.Inconclusive}, {"the shared secret", verifier.Fail}, {"nothing of the kind", verifier.Pass}, {"key", verifier.Pass},
	} {
		virtual(t, func(t *testing.T) {
			c := provider(t, "shoptet")
			r := run(t, verifier.Options{
				Contract: c, URL: "http://receiver.test/hooks", Secrets: []signature.Secret{signature.NewSecret(row.secret)}, Only: []string{"authenticity/tells-secret"},
				Transport: mockserver.InProcess(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					_, _ = io.WriteString(w, "the key does not match the shared secret")
				})),
			})
			if got := r.Checks[len(r.Checks)-1]; got.Verdict != row.verdict {
				t.Errorf("%q: %s, %s", row.secret, got.Verdict, got.Because)
			}
		})
	}
}
