package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrig/hookrig/contracts"
	"github.com/hookrig/hookrig/contracts/signature"
)

// signatureRow explains one signature. Signed is base64: the exact bytes.
type signatureRow struct {
	Type string `json:"type"` // "signature"
	File string `json:"file"`
	Line int    `json:"line,omitempty"` // where a file holds one recording a line
	signature.Explanation
	Header  string `json:"header"`            // that carries the signature
	OwnTime bool   `json:"ownTime,omitempty"` // it is too old for now, and was judged at its own time
}

// explainSignature says why the signature of a recording is refused, or that
// it is accepted.
func (c *console) explainSignature(contract *contracts.Contract, f *validateFlags, bodies []recorded) (refused bool, err error) {
	for _, b := range bodies {
		if b.request != nil {
			return false, usagef("", "%s has headers of its own, so there are no --headers", b.where())
		}
	}
	if len(bodies) != 1 {
		return false, usagef("", "--headers belong to one body, and there are %d", len(bodies))
	}
	scheme, from := contract.Signature()
	if !scheme.Signs() {
		c.note("%s does not sign its deliveries (%s): there is no signature to explain", contract.Provider(), from)
		return false, nil
	}
	data, err := c.readInput(f.headers)
	if err != nil {
		return false, err
	}
	headers, err := parseHeaders(inputName(f.headers), data)
	if err != nil {
		return false, err
	}
	secrets, err := c.secrets(f.secrets)
	if err != nil {
		return false, err
	}
	if err := requireSecret(contract, secrets, ""); err != nil {
		return false, err
	}
	if err := checkSecrets(contract, f.secrets, secrets); err != nil {
		return false, err
	}
	row, err := f.signatureOf(contract, bodies[0], headers, f.now.or(c.now(), c.now), secrets)
	if err != nil {
		return false, err
	}
	c.printSignature(row)
	return !row.Finding.OK(), nil
}

// signatureCount is what became of the signatures of recordings.
type signatureCount struct{ accepted, refused int }

// recordedSignatures looks at the signature of each recorded request, as of
// the moment at which it came.
func (c *console) recordedSignatures(contract *contracts.Contract, f *validateFlags, bodies []recorded) (signatureCount, error) {
	var n signatureCount
	scheme, _ := contract.Signature()
	recordings := slices.DeleteFunc(slices.Clone(bodies), func(b recorded) bool { return b.request == nil })
	if !scheme.Signs() || len(recordings) == 0 {
		return n, nil
	}
	if len(f.secrets) == 0 {
		c.note("note: signatures are not checked; give the secret with --secret-env %s", secretName(contract))
		return n, nil
	}
	secrets, err := c.secrets(f.secrets)
	if err == nil {
		err = checkSecrets(contract, f.secrets, secrets)
	}
	if err != nil {
		return n, err
	}
	left := 0
	for _, b := range recordings {
		if slices.Equal(withoutCredentials("Authorization", nil, ""), b.request.Headers["Authorization"]) && (scheme.Header == "" || strings.EqualFold(scheme.Header, "Authorization")) {
			left++
			continue
		}
		now := f.now.or(b.request.At, c.now)
		if now.IsZero() {
			now = c.now()
		}
		row, err := f.signatureOf(contract, b, b.request.Headers, now, secrets)
		if err != nil {
			return n, err
		}
		if row.Finding.OK() {
			n.accepted++
		} else {
			n.refused++
		}
		if c.json() {
			c.row(row)
		} else if !row.Finding.OK() {
			c.printf("%s: ", b.where())
			c.printSignature(row)
		}
	}
	if left > 0 {
		c.note("note: %s left out of the recording, and not judged", plural(left, "credential"))
	}
	if !c.json() && n.accepted > 0 {
		c.printf("%s %s\n", plural(n.accepted, "signature"), c.green("accepted"))
	}
	return n, nil
}

// signatureOf explains one signature with the secret that fits best.
func (f *validateFlags) signatureOf(contract *contracts.Contract, b recorded, headers http.Header, now time.Time, secrets []signature.Secret) (signatureRow, error) {
	scheme, _ := contract.Signature()
	row := signatureRow{Type: "signature", File: b.file, Line: b.line, Header: scheme.Header}
	if row.Header == "" {
		row.Header = "Authorization"
	}
	for i, secret := range secrets {
		e, err := scheme.Explain(headers, b.body, now, secret)
		if err != nil {
			return row, secretProblem(contract, err)
		}
		if reason := e.Finding.Reason; f.now.IsZero() && !f.now.now && scheme.Tolerance > 0 &&
			(reason == signature.ReasonStale || reason == signature.ReasonFuture) {
			row.OwnTime = true
			timeless := scheme
			timeless.Tolerance = 0
			if e, err = timeless.Explain(headers, b.body, now, secret); err != nil {
				return row, err
			}
		}
		if i == 0 || e.Finding.OK() {
			row.Explanation = e
		}
		if e.Finding.OK() {
			break
		}
	}
	return row, nil
}

func (c *console) printSignature(row signatureRow) {
	if c.json() {
		c.row(row)
		return
	}
	if row.Finding.OK() {
		c.printf("signature %s\n", c.green("accepted"))
	} else {
		c.printf("signature %s: %s: %s\n", c.red("refused"), row.Finding.Reason, row.Finding.Detail)
	}
	if row.OwnTime {
		c.printf("  its timestamp is outside of the tolerance now, so it is judged at its own time; --now TIME chooses another\n")
	}
	var lines [][]string
	if len(row.Signed) > 0 {
		lines = append(lines, []string{"  signed", signedWords(row.Signed)})
	}
	if row.Expected != "" {
		lines = append(lines, []string{"  expected", row.Header + ": " + row.Expected})
	}
	received := row.Header + ": " + row.Received
	if row.Received == "" {
		received = "no " + row.Header
	}
	lines = append(lines, []string{"  received", received})
	for i, cause := range row.Causes {
		word := ""
		if i == 0 {
			word = "  likely"
		}
		lines = append(lines, []string{word, cause})
	}
	c.table(lines)
}

// signedWords shows the start of the signed bytes, and how many they are.
func signedWords(signed []byte) string {
	const most = 300
	text, more := []rune(strconv.Quote(string(signed))), ""
	if len(text) > most {
		text, more = text[:most], "…"
	}
	return fmt.Sprintf("%s%s, %d bytes", string(text), more, len(signed))
}

// secretProblem turns what a scheme says of a secret, or of what it signs, into
// usage.
func secretProblem(contract *contracts.Contract, err error) error {
	var input *signature.InputError
	if errors.As(err, &input) {
		good := map[string]string{"Time": "--timestamp now", "ID": "--id evt_1", "URL": "--to " + exampleTarget}
		return usagef(good[input.Member], "%s: %w", contract.Provider(), input)
	}
	return usagef("--secret-env "+secretName(contract), "%s: %w", contract.Provider(), err)
}
