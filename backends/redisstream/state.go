package redisstream

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// An organ with state has its records in a hash, which settle.lua writes. A record must be where the deliveries of its
// key are settled, so such an organ has one partition (see checkSubscription), the first.

// maxLoaded is how many records one call reads at most, of so many bytes as an answer may have.
const maxLoaded = 512

// LoadStates returns the records of some keys of an organ, in the order of the keys.
func (b *Backend) LoadStates(ctx context.Context, organ string, keys []string) ([]contract.StateRecord, error) {
	if err := b.process.ConnectOnce(ctx); err != nil {
		return nil, err
	}
	p, w := b.partitions[0], conn.Window{}
	if err := p.knowOrgan(ctx, organ); err != nil {
		return nil, p.ExplainError(err)
	}
	list := make([]contract.StateRecord, 0, len(keys))
	for len(list) < len(keys) {
		some, err := p.loadStates(ctx, organ, keys[len(list):], &w)
		if err != nil {
			return nil, fmt.Errorf("load states of organ %s: %w", organ, p.ExplainError(err))
		}
		list = append(list, some...)
	}
	return list, nil
}

// RangeStates returns a page of an organ's records, in the order of their keys' bytes. The cursor is the key where the page
// has ended.
func (b *Backend) RangeStates(ctx context.Context, organ, after string, limit int) (page []contract.KeyedState, next string, err error) {
	if limit < 1 {
		return nil, "", fmt.Errorf("list the states of organ %s: the limit is %d: ask for at least 1 record", organ, limit)
	}
	if err := b.process.ConnectOnce(ctx); err != nil {
		return nil, "", err
	}
	from, err := base64.RawURLEncoding.Strict().DecodeString(after)
	if err != nil {
		return nil, "", fmt.Errorf("list the states of organ %s: no page has ended at %.40q: begin at the first", organ, after)
	}
	p, w := b.partitions[0], conn.Window{}
	if err := p.knowOrgan(ctx, organ); err != nil {
		return nil, "", p.ExplainError(err)
	}
	found, err := p.rangeStates(ctx, organ, string(from), min(limit, maxLoaded), &w)
	if err != nil {
		return nil, "", fmt.Errorf("list the states of organ %s: %w", organ, p.ExplainError(err))
	}
	for i, key := range found.Found {
		page = append(page, contract.KeyedState{Key: key, StateRecord: p.recordFrom(organ, key, found.Records[i])})
	}
	return page, base64.RawURLEncoding.EncodeToString([]byte(found.Next)), nil
}

// knowOrgan returns an error that is ErrNoOrgan when the table of bindings has no organ of a name. A removal that this
// process has not heard of is met by the script, which then refuses the table.
func (p *partition) knowOrgan(ctx context.Context, name string) error {
	t, err := p.CurrentTable(ctx)
	if err == nil && t.OrganNamed(name) == nil {
		t, err = p.ReloadTable(ctx)
	}
	if err == nil && t.OrganNamed(name) == nil {
		err = fmt.Errorf("redis: organ %s: %w", name, contract.ErrNoOrgan)
	}
	return err
}

// loadStates reads the records of the first of some keys, one at least.
func (p *partition) loadStates(ctx context.Context, organ string, keys []string, w *conn.Window) (list []contract.StateRecord, err error) {
	request := store.LoadRequest{Keys: p.Keys()}
	r := p.readStates(ctx, organ, w, func(t *table.Bindings, id string) store.Call {
		request.Organ, request.Digest, request.Bytes, request.Of = id, t.Digest, w.AnswerRoom(), keys[:countKeys(keys)]
		return request.Call()
	})
	found, err := request.ReadReply(r)
	for i, record := range found.Records {
		list = append(list, p.recordFrom(request.Organ, request.Of[i], record))
	}
	return list, err
}

// rangeStates reads a page.
func (p *partition) rangeStates(ctx context.Context, organ, after string, limit int, w *conn.Window) (store.RangeReply, error) {
	request := store.RangeRequest{Keys: p.Keys(), After: after, Limit: limit}
	r := p.readStates(ctx, organ, w, func(t *table.Bindings, id string) store.Call {
		request.Organ, request.Digest, request.Bytes = id, t.Digest, w.AnswerRoom()
		return request.Call()
	})
	return request.ReadReply(r)
}

// readStates runs a call that reads records of an organ. Where an answer was lost it asks once more for less: the answer
// may have been too large for the network.
func (p *partition) readStates(ctx context.Context, organ string, w *conn.Window, call func(t *table.Bindings, id string) store.Call) *resp.Reply {
	for try := 0; ; try++ {
		r := p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply {
			to := t.OrganNamed(organ)
			if to == nil {
				return &resp.Reply{Err: fmt.Errorf("redis: organ %s: %w", organ, contract.ErrNoOrgan)}
			}
			return p.RunCall(ctx, call(t, to.Organ))
		})
		if try > 0 || ctx.Err() != nil || !conn.IsNetwork(r.Err) && !errors.Is(r.Err, conn.ErrTooLarge) {
			return r
		}
		w.NoteLost()
	}
}

// countKeys returns how many keys go in one call.
func countKeys(keys []string) int {
	room := message.MaxBytes
	for i, key := range keys {
		if room -= len(key); i == maxLoaded || i > 0 && room < 0 {
			return i
		}
	}
	return len(keys)
}

// noRecord stands for bytes that are no record. No program knows its version, so the deliveries of its key are declined,
// and become dead letters in the end; those of other keys go on.
var noRecord = contract.StateRecord{Mark: math.MaxUint64, Version: -1}

// recordFrom returns the record of a key.
func (p *partition) recordFrom(organ, key string, r store.Record) contract.StateRecord {
	if r.Problem != "" {
		p.b.process.Log.Error("redis: an organ's state holds what is no record, and events of its key cannot be handled: remove it with HDEL",
			"organ", organ, "hash", p.Key("state:"+organ), "key", message.ClipMiddle(key, message.MaxErrorBytes), "problem", r.Problem)
		return noRecord
	}
	return contract.StateRecord{Mark: r.Mark, Version: int(r.Version), Value: r.Value}
}
