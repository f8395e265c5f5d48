package api

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// paged cuts one page out of a list. key tells its elements apart and ascends,
// so that a page is not shifted by what was put or deleted meanwhile.
func paged[T any](list []T, in url.Values, key func(T) string) (page []T, next string, err error) {
	if c := in.Get("cursor"); c != "" {
		text, err := base64.RawURLEncoding.DecodeString(c)
		after, ok := strings.CutPrefix(string(text), "after:")
		if err != nil || !ok {
			return nil, "", flawed(http.StatusBadRequest, flaw{In: "query", Parameter: "cursor", Detail: `it is not the "next" of a page`})
		}
		from := slices.IndexFunc(list, func(v T) bool { return key(v) > after })
		if from < 0 {
			from = len(list)
		}
		list = list[from:]
	}
	if limit := number(in.Get("limit"), defaultPage); len(list) > limit {
		list = list[:limit]
		next = base64.RawURLEncoding.EncodeToString([]byte("after:" + key(list[limit-1])))
	}
	return orEmpty(list), next, nil
}
