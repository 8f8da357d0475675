package postgres

import (
	"sync"
	"time"
)

// unseenTokens are those of looks whose answer is lost: the server may have leased deliveries for them that no caller has got, and
// may do so still, because it runs what it has received when the connection is gone. Every later look hands such deliveries back
// before it takes any: so a key's next event does not come in front of one that is leased and not seen. A token is kept for as
// long as its transaction may come late, and its leases may last.
type unseenTokens struct {
	mu    sync.Mutex
	until map[int64]time.Time // by token; guarded by mu
}

// addToken keeps a token for a while.
func (u *unseenTokens) addToken(token int64, while time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.until == nil {
		u.until = map[int64]time.Time{}
	}
	u.until[token] = time.Now().Add(while)
}

// listTokens returns the tokens that are kept, and forgets those whose time is over.
func (u *unseenTokens) listTokens() (tokens []int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for token, until := range u.until {
		if time.Now().After(until) {
			delete(u.until, token)
			continue
		}
		tokens = append(tokens, token)
	}
	return tokens
}

// releaseSteps hand back what the consumer has leased and not seen. They run under the organ's advisory lock. No attempt is spent,
// and no delivery becomes a suspect, because none of them has run.
func (u *unseenTokens) releaseSteps(c *consumer) []step {
	tokens := u.listTokens()
	if len(tokens) == 0 {
		return nil
	}
	return []step{{
		text:   `UPDATE {lease} SET consumer = 0, token = 0, until = 0 WHERE organ = $1 AND consumer = $2 AND token = ANY ($3)`,
		values: []any{c.organ.number, c.number, tokens},
	}}
}
