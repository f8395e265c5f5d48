package verifier

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"
)

// TestPack: what is put together by hand is gzip, checksum and length included.
func TestPack(t *testing.T) {
	for _, text := range []string{"", "x", `{"id":1}`, string(bytes.Repeat([]byte(`{"id":1},`), 20_000))} {
		packed, err := pack([]byte(text), 3<<20)
		if err != nil {
			t.Fatal(err)
		}
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		r.Multistream(false)
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, append([]byte(text), bytes.Repeat([]byte(" "), 3<<20)...)) {
			t.Errorf("%d bytes came out, %v", len(got), err)
		}
		if most := len(text) + 8<<10; len(packed) > most {
			t.Errorf("%d bytes packed, want %d at most", len(packed), most)
		}
	}
}
