package registration

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
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
			return refuse(KindMalformed, wrong.Field, "in %s %s is expected, not %s", cmp.Or(wrong.Field, "the body"), jsonKind(wrong.Type), article(wrong.Value))
		}
		return refuse(KindMalformed, "", "the body is no JSON: %v", err)
	}
	return nil
}

// jsonKind is what JSON calls the values of a type.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}

func article(kind string) string {
	if strings.HasPrefix(kind, "array") || strings.HasPrefix(kind, "object") {
		return "an " + kind
	}
	return "a " + kind
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
