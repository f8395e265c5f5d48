package registration

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
)

// readJSON reads a body of JSON into v, whose members are matched as
// encoding/json does. Members that v does not have are passed over: a later
// version of a provider's API may have more.
func readJSON(r *http.Request, v any) *RefusedError {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !isJSON(mediaType) {
		return refuse(KindMediaType, "Content-Type", "the body must be application/json")
	}
	body, refused := readBody(r)
	if refused != nil {
		return refused
	}
	if err := json.Unmarshal(body, v); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) { // its text names types of this program
			return refuse(KindMalformed, wrong.Field, "%s cannot be a JSON %s", cmp.Or(wrong.Field, "the body"), wrong.Value)
		}
		return refuse(KindMalformed, "", "the body is no JSON: %v", err)
	}
	return nil
}

// isJSON knows the vendors' own types by what they are called: application/x+json,
// or application/vnd.x without a suffix.
func isJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json") ||
		strings.HasPrefix(mediaType, "application/vnd.") && !strings.Contains(mediaType, "+")
}

func readBody(r *http.Request) ([]byte, *RefusedError) {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refuse(KindTooLarge, "", "the body has more than %d bytes", tooLarge.Limit)
	case err != nil:
		return nil, refuse(KindMalformed, "", "the body did not arrive")
	}
	return body, nil
}

// replyJSON writes an answer. A client that has gone has nobody to tell.
func replyJSON(w http.ResponseWriter, contentType string, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(body)
	return nil
}
