package store

import (
	"fmt"

	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
)

var rangeStatesScript = newScript(allowOOM, readSource("record"), readSource("range"))

// RangeRequest reads a page of the records of an organ with state.
type RangeRequest struct {
	Keys  Keys
	Organ string

	Digest string // of the table of bindings that the caller knows
	After  string // key where the page before ended; empty for the first page
	Limit  int    // of keys that are looked at
	Bytes  int    // of records, behind which the page ends
}

// RangeReply is a page.
type RangeReply struct {
	Next    string // where the next page begins; empty behind the last
	Found   []string
	Records []Record // of the keys that were found
}

// Call returns the keys and arguments as range.lua reads them.
func (r *RangeRequest) Call() Call {
	keys := []string{r.Keys.bindingsKey(), r.Keys.countersKey(), r.Keys.ofOrgan("state", r.Organ), r.Keys.ofOrgan("keys", r.Organ)}
	return Call{rangeStatesScript, keys, []any{r.Digest, r.After, r.Limit, r.Bytes}}
}

// ReadReply reads the page.
func (r *RangeRequest) ReadReply(reply *resp.Reply) (RangeReply, error) {
	if IsStale(reply) {
		return RangeReply{}, ErrStale
	}
	n := reply.Array()
	if reply.Err == nil && (n < 1 || n%2 == 0 || n/2 > max(r.Limit, 0)) {
		reply.Fail(fmt.Errorf("%w: an array of %d for a page of %d records", resp.ErrShape, n, r.Limit))
	}
	page := RangeReply{Next: string(reply.Bulk())}
	for i := 0; i < n/2 && reply.Err == nil; i++ {
		key := string(reply.Bulk())
		b := reply.Bulk()
		if reply.Err == nil {
			page.Found, page.Records = append(page.Found, key), append(page.Records, readRecord(b))
		}
	}
	if reply.Err == nil && page.Next != "" && page.Next <= r.After {
		reply.Fail(fmt.Errorf("%w: a page behind %.40q that ends at %.40q", resp.ErrShape, r.After, page.Next))
	}
	if reply.Err != nil {
		return RangeReply{}, reply.Err
	}
	return page, nil
}
