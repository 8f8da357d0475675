package console

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"
)

// users are those of a file. Comparing a password takes a tenth of a second of a core, which is why the digests of
// passwords that were right are kept, and why few comparisons run at a time.
type users struct {
	hashes map[string][]byte // bcrypt, by user; never changed
	absent []byte            // compared for a user that there is not, so that the time tells nothing
	slots  chan struct{}     // one for each comparison that runs
	queue  chan struct{}     // one for each request whose password is compared, or waits for that

	mu    sync.Mutex
	salt  [32]byte
	right map[[32]byte]bool // digests of a user with the right password
}

// Bounds of the comparisons of passwords. A request beyond the queue is refused at once, so that wrong passwords hold little memory. Users
// who have logged in are not compared any more.
const (
	comparisons = 2 // that run
	maxQueue    = 50
)

// BasicAuthFile reads a file of users for basic authentication: a line for each with the name, a colon and the
// bcrypt hash of the password, as `htpasswd -nB NAME` prints it. Lines that begin with # are comments. The file is read once.
func BasicAuthFile(path string) (Authenticator, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Authenticator{}, fmt.Errorf("console: read the file of users: %w", err)
	}
	u := &users{hashes: map[string][]byte{}, slots: make(chan struct{}, comparisons), queue: make(chan struct{}, maxQueue), right: map[[32]byte]bool{}}
	rand.Read(u.salt[:])
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		name, hash, ok := strings.Cut(line, ":")
		if _, err := bcrypt.Cost([]byte(hash)); !ok || name == "" || err != nil {
			return Authenticator{}, fmt.Errorf("console: line %d of the file of users %s is not a name, a colon and a bcrypt hash: write it with htpasswd -nB NAME", i+1, path)
		}
		u.hashes[name], u.absent = []byte(hash), []byte(hash)
	}
	if len(u.hashes) == 0 {
		return Authenticator{}, fmt.Errorf("console: the file of users %s has none: add the output of htpasswd -nB NAME", path)
	}
	return Authenticator{identify: u.identify, challenge: `Basic realm="necrostack console", charset="UTF-8"`}, nil
}

func (u *users) identify(r *http.Request) (string, bool) {
	name, password, ok := r.BasicAuth()
	if !ok {
		return "", false
	}
	digest := u.digestOf(name, password)
	u.mu.Lock()
	right := u.right[digest]
	u.mu.Unlock()
	if right {
		return name, true
	}
	select {
	case u.queue <- struct{}{}:
		defer func() { <-u.queue }()
	default:
		return "", false
	}
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	case <-r.Context().Done():
		return "", false
	}
	hash, known := u.hashes[name]
	if !known {
		hash = u.absent
	}
	if bcrypt.CompareHashAndPassword(hash, []byte(password)) != nil || !known {
		return "", false
	}
	u.mu.Lock()
	u.right[digest] = true
	u.mu.Unlock()
	return name, true
}

// digestOf returns the key of a user with a password. Its salt makes it useless outside of this process.
func (u *users) digestOf(name, password string) [32]byte {
	return sha256.Sum256(fmt.Appendf(u.salt[:], "%d:%s:%s", len(name), name, password))
}
