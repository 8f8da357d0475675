package console

import (
	"net/http/httptest"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// TestPasswordsQueue: a request beyond the queue of comparisons is refused at once, and a user whose password was right before is not.
func TestPasswordsQueue(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("byron"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	queue := make(chan struct{}) // without places
	u := &users{hashes: map[string][]byte{"ada": hash}, slots: make(chan struct{}, 1), queue: queue, right: map[[32]byte]bool{}}
	u.right[u.digestOf("ada", "lovelace")] = true
	for password, want := range map[string]bool{"lovelace": true, "byron": false} {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth("ada", password)
		if _, ok := u.identify(r); ok != want {
			t.Errorf("%s: admitted is %t", password, ok)
		}
	}
}
