package signature

import (
	"crypto/hmac"
	"encoding/base64"
	"net/http"
	"strings"
)

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
		h.Set("Authorization", basicValue(secret))
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
	value, finding := single(h, "Authorization")
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
