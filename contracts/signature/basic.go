package signature

import (
	"crypto/hmac"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

const authorization = "Authorization"

// signBasic sets the credentials (RFC 7617). The secret's text is
// "user:password".
func signBasic(h http.Header, secrets []Secret) error {
	for i, secret := range secrets {
		if secret.IsZero() {
			continue
		}
		if err := checkCredentials(i, secret); err != nil {
			return err
		}
		h.Set(authorization, basicValue(secret))
		return nil
	}
	return ErrNoSecret
}

func checkCredentials(i int, secret Secret) error {
	text := secret.Reveal()
	switch {
	case !strings.Contains(text, ":"):
		return &SecretError{i, `basic credentials are written "user:password", and there is no colon`}
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return &SecretError{i, "basic credentials hold no control characters"}
	}
	return nil
}

func basicValue(secret Secret) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(secret.Reveal()))
}

func verifyBasic(h http.Header, secrets []Secret) (Finding, error) {
	for i, secret := range secrets {
		if secret.IsZero() {
			continue
		}
		if err := checkCredentials(i, secret); err != nil {
			return Finding{}, err
		}
	}
	value, finding := single(h, authorization)
	if !finding.OK() {
		return finding, nil
	}
	scheme, encoded, _ := strings.Cut(value, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return malformed("the header Authorization does not hold basic credentials"), nil
	}
	credentials, err := decodeBase64(strings.TrimLeft(encoded, " "))
	if err != nil {
		return malformed("the credentials in Authorization are not base64"), nil
	}
	matched := false
	for _, secret := range secrets {
		if !secret.IsZero() && hmac.Equal(credentials, []byte(secret.Reveal())) {
			matched = true
		}
	}
	if !matched {
		return Finding{ReasonMismatch, "user or password is another"}, nil
	}
	return Finding{}, nil
}

// explainBasic says which half of the credentials is wrong.
func (s Scheme) explainBasic(e *Explanation, h http.Header, secret Secret) {
	e.Expected = basicValue(secret)
	if e.Finding.OK() {
		return
	}
	if e.Finding.Reason != ReasonMismatch {
		e.Causes = []string{e.Finding.Detail + ": send it once, as Basic and the base64 of user:password"}
		return
	}
	value, _ := single(h, authorization)
	_, encoded, _ := strings.Cut(value, " ")
	decoded, _ := decodeBase64(strings.TrimLeft(encoded, " "))
	received, expected := string(decoded), secret.Reveal()
	unescaped, err := url.PathUnescape(received)
	user, _, _ := strings.Cut(received, ":")
	expectedUser, _, _ := strings.Cut(expected, ":")
	switch {
	case err == nil && unescaped == expected:
		e.Causes = []string{"the credentials were taken from a URL as they stand there: decode their %-escapes before sending them"}
	case strings.TrimSpace(received) == strings.TrimSpace(expected):
		e.Causes = []string{"there is white space around the credentials on one side: remove it where they are read"}
	case user == expectedUser:
		e.Causes = []string{"the user is right, the password is another: compare both sides' passwords"}
	default:
		e.Causes = []string{"the user is another: compare both sides' credentials, and whether both belong to the same environment"}
	}
}
