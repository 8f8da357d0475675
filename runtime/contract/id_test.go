package contract

import (
	"encoding/binary"
	"testing"
)

func TestDerivedIDsAreStable(t *testing.T) {
	parent, seed := IDOf("parent"), IDOf("billing\x00PAID")
	got := DeriveID(parent, seed, 3).String()
	if want := "771da30a-9bf9-00fa-3c6e-8c11aa6a3852"; got != want {
		t.Errorf("DeriveID gives %s, want %s: ids that are stored depend on it", got, want)
	}
}

// TestDerivedIDsSpread: neighbours in every input, which are what a counter makes, must not meet.
func TestDerivedIDsSpread(t *testing.T) {
	const n = 200_000
	seen := make(map[ID]bool, 3*n)
	halves := make(map[uint64]bool, 3*n)
	var parent ID
	for i := range uint64(n) {
		binary.BigEndian.PutUint64(parent[8:], i)
		for _, id := range []ID{DeriveID(parent, ID{}, 0), DeriveID(ID{1}, parent, 0), DeriveID(ID{2}, ID{}, i)} {
			if seen[id] {
				t.Fatalf("id %s comes twice, at %d", id, i)
			}
			seen[id] = true
			halves[binary.BigEndian.Uint64(id[:8])] = true
		}
	}
	if len(halves) < 3*n-2 {
		t.Errorf("%d of %d first halves are distinct", len(halves), 3*n)
	}
}

func TestParseIDReadsWhatStringWrites(t *testing.T) {
	id := NewID()
	for _, text := range []string{id.String(), "0123456789abcdef0123456789ABCDEF"} {
		got, err := ParseID(text)
		if err != nil {
			t.Errorf("ParseID(%q): %v", text, err)
		}
		if text == id.String() && got != id {
			t.Errorf("ParseID(%q) = %s", text, got)
		}
	}
	for _, text := range []string{"", "0123", id.String()[:35], id.String() + "0", "0123456789abcdef0123456789abcdeg"} {
		if got, err := ParseID(text); err == nil {
			t.Errorf("ParseID(%q) = %s, want an error", text, got)
		}
	}
}
