package api

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/gorilla/mux"

	"github.com/hookrig/hookrig/contracts/schema"
)

// bodyLimit of a request, in bytes.
const bodyLimit = 1 << 20

// check is the middleware that holds every request against the document.
//
// The verdict on parameters is kin-openapi's. On a body it is that of
// contracts/schema, whose words are the same everywhere in hookrig: kin-openapi
// would compile the schema anew for each request, and a test holds that both
// mean the same. Beside it stands what kin-openapi lets pass and a client should
// hear of: parameters that the document does not know or that stand twice, text
// after the JSON value, members that stand twice.
func (a *api) check(next http.Handler) http.Handler {
	return a.answer(func(w http.ResponseWriter, r *http.Request) error {
		o := a.operations[mux.CurrentRoute(r).GetName()]
		if err := o.checkQuery(r.URL); err != nil {
			return err
		}
		mistakes, err := o.checkBody(w, r)
		if err != nil {
			return err
		}
		err = openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
			Request: r, PathParams: mux.Vars(r), Route: &o.Route,
			Options: &openapi3filter.Options{
				MultiError: true, SkipSettingDefaults: true, ExcludeRequestBody: true,
				AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, // the guard has asked
			},
		})
		if err != nil || len(mistakes) > 0 {
			return a.document.refusal(err, mistakes)
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// checkQuery refuses parameters that would be ignored in silence.
func (o *operation) checkQuery(u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return newProblem(http.StatusBadRequest, "the query cannot be read: "+err.Error())
	}
	for name, values := range query {
		switch {
		case !slices.Contains(o.parameters, name):
			return flawed(http.StatusBadRequest, flaw{
				In: "query", Parameter: name, Detail: "there is no such parameter",
				Nearest: schema.Nearest(name, o.parameters), kind: "unknown-parameter",
			})
		case len(values) > 1:
			return flawed(http.StatusBadRequest, flaw{In: "query", Parameter: name, Detail: "it stands there more than once"})
		}
	}
	return nil
}

// checkBody reads the body, up to a limit, and says what is wrong with it. The
// request keeps a body that can be read again.
func (o *operation) checkBody(w http.ResponseWriter, r *http.Request) ([]flaw, error) {
	if err := o.checkType(w, r); err != nil {
		return nil, err
	}
	body, err := readBody(w, r)
	if err != nil || o.body == nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))

	var mistakes []flaw
	for _, v := range o.body.Validate(body) {
		if v.Rule == "json" {
			return nil, flawed(http.StatusBadRequest, bodyFlaw(v.Pointer, "expected "+v.Expected+", found "+v.Found))
		}
		// What was found is not repeated: it may be a secret, or a URL with one.
		f := bodyFlaw(v.Pointer, "expected "+v.Expected)
		if v.Rule == "additionalProperties" {
			name := v.Pointer[strings.LastIndex(v.Pointer, "/")+1:]
			f.kind, f.Nearest = "unknown-member", schema.Nearest(name, o.members)
		}
		mistakes = append(mistakes, f)
	}
	return mistakes, nil
}

// checkType refuses what is no JSON in UTF-8. A form that another site posts has
// another type.
func (o *operation) checkType(w http.ResponseWriter, r *http.Request) *problem {
	wrong := func(detail string) *problem {
		return newProblem(http.StatusUnsupportedMediaType, detail).hint("Content-Type: application/json")
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		w.Header().Set("Accept-Encoding", "identity") // RFC 9110, section 12.5.3
		return wrong(fmt.Sprintf("the body's encoding %q is not taken: send it as it is", clip(coding)))
	}
	contentType := r.Header.Get("Content-Type")
	if contentType == "" && o.body == nil {
		return nil
	}
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	switch charset := parameters["charset"]; {
	case err != nil || mediaType != "application/json":
		return wrong(fmt.Sprintf("the content type %q is not JSON", clip(contentType)))
	case charset != "" && !strings.EqualFold(charset, "utf-8"):
		return wrong(fmt.Sprintf("the charset %q is not taken: JSON is UTF-8 (RFC 8259)", clip(charset)))
	}
	return nil
}

// bodyPatience is how long a request's body may take to arrive.
const bodyPatience = 30 * time.Second

// hurry sets the body's deadline, before anybody reads it.
func hurry(w http.ResponseWriter, r *http.Request) {
	if r.Body != nil && r.Body != http.NoBody {
		// Where there are no deadlines, as in tests, there is no network either.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyPatience))
	}
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", bodyLimit))
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return nil, newProblem(http.StatusRequestTimeout, fmt.Sprintf("the body did not arrive within %v", bodyPatience))
	case err != nil:
		return nil, newProblem(http.StatusBadRequest, "the body did not arrive in full")
	}
	// A client that hangs up while it waits for an answer is noticed by reading: no deadline may end that.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return body, nil
}

// refusal joins what kin-openapi says with the mistakes of the body, in words for
// people.
func (d *document) refusal(err error, mistakes []flaw) error {
	status := http.StatusUnprocessableEntity
	var several openapi3.MultiError
	errors.As(err, &several)
	for _, one := range several {
		var bad *openapi3filter.RequestError
		switch {
		case !errors.As(one, &bad):
			return err // not about the request: the document is at fault
		case bad.Parameter != nil:
			status = http.StatusBadRequest
			mistakes = append(mistakes, flaw{In: bad.Parameter.In, Parameter: bad.Parameter.Name, Detail: explain(bad)})
		}
	}
	for i := range mistakes {
		mistakes[i].Detail = d.words.Replace(mistakes[i].Detail)
	}
	return flawed(status, mistakes...)
}

// explain is the heart of kin-openapi's message about a parameter. What was found is
// left out: it may be a secret in the place of a name.
func explain(bad *openapi3filter.RequestError) string {
	var unread *openapi3filter.ParseError
	if errors.As(bad.Err, &unread) && bad.Parameter.Schema != nil {
		kind := strings.Join(bad.Parameter.Schema.Value.Type.Slice(), " or ")
		return "expected " + cmp.Or(map[string]string{"integer": "a whole number", "number": "a number", "boolean": "true or false"}[kind], kind)
	}
	var invalid *openapi3.SchemaError
	if !errors.As(bad.Err, &invalid) {
		return bad.Err.Error()
	}
	text := invalid.Reason
	if _, rest, found := strings.Cut(text, "at '': "); found {
		text = rest
	}
	text, _, _ = strings.Cut(text, "\n")
	if _, pattern, found := strings.Cut(text, "' does not match pattern "); found {
		return "expected a match for " + pattern
	}
	return text
}
