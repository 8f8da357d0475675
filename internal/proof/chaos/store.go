package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// prefix is what the keys of a run begin with.
const prefix = "necro:{" + namespace + ":0}:"

// organNames and eventNames are those of the topology.
var (
	organNames = []string{"split", "left", "right", "join", "tally", "witness"}
	eventNames = []string{"ROOT", "LEFT", "RIGHT", "MIDDLE", "LEAF"}
)

// store looks at the server itself, past the backend, and past the bad connections that the
// children have.
type store struct{ client *redis.Client }

func newStore(addr string) *store {
	return &store{redis.NewClient(&redis.Options{
		Addr: addr, DialTimeout: time.Second, ReadTimeout: 2 * time.Second, WriteTimeout: time.Second,
	})}
}

// leftOver is one atomic look at all waiting deliveries, by key.
func (s *store) leftOver(ctx context.Context) (map[string]int64, error) {
	looks := map[string]*redis.IntCmd{}
	pending := map[string]*redis.XPendingCmd{}
	expiries := map[string]*redis.DurationCmd{}
	_, err := s.client.TxPipelined(ctx, func(tx redis.Pipeliner) error {
		for _, o := range organNames {
			for _, stream := range []string{"q:" + o, "first:" + o} {
				looks[stream] = tx.XLen(ctx, prefix+stream)
				pending[stream] = tx.XPending(ctx, prefix+stream, "necro")
			}
			for _, hash := range []string{"part:" + o, "hold:" + o} {
				looks[hash] = tx.HLen(ctx, prefix+hash)
			}
			looks["wait:"+o] = tx.ZCard(ctx, prefix+"wait:"+o)
		}
		for _, e := range eventNames {
			looks["park:"+e] = tx.XLen(ctx, prefix+"park:"+e)
			expiries["park:"+e] = tx.PTTL(ctx, prefix+"park:"+e)
		}
		looks["due"] = tx.ZCard(ctx, prefix+"due")
		return nil
	})
	if err != nil && !isNoGroup(err) {
		return nil, fmt.Errorf("look at the store: %w", err)
	}
	left := map[string]int64{}
	for key, look := range looks {
		left[key] = look.Val()
	}
	for stream, look := range pending {
		if look.Err() == nil {
			left["pending in "+stream] = look.Val().Count
		}
	}
	maps.DeleteFunc(left, func(key string, n int64) bool {
		handedOver := expiries[key] != nil && expiries[key].Val() > 0 // it stays for a while, for organs that come later
		return n == 0 || handedOver
	})
	return left, nil
}

// isNoGroup reports whether a stream or its group does not exist, which leaves nothing over.
func isNoGroup(err error) bool { return strings.HasPrefix(err.Error(), "NOGROUP") }

// inFlight counts the stream entries that consumers hold; 0 when the server does not answer.
func (s *store) inFlight(ctx context.Context, organs ...string) (n int64) {
	for _, o := range organs {
		if p, err := s.client.XPending(ctx, prefix+"q:"+o, "necro").Result(); err == nil {
			n += p.Count
		}
	}
	return n
}

// unboundOrgans returns the organs that have no stream with a group, or that the backend does not
// know.
func (s *store) unboundOrgans(ctx context.Context, b *redisstream.Backend) (list []string, err error) {
	h := b.Health(ctx)
	for _, o := range organNames {
		groups, groupErr := s.client.XInfoGroups(ctx, prefix+"q:"+o).Result()
		known := slices.ContainsFunc(h.Organs, func(oh contract.OrganHealth) bool { return oh.Organ == o })
		if groupErr != nil || len(groups) == 0 || !known {
			list = append(list, o)
		}
	}
	return list, h.Err
}

// seenLeaves returns the states of the tally.
func seenLeaves(ctx context.Context, b contract.StatefulBackend, chains []string) (map[string]map[string]int, error) {
	records, err := b.LoadStates(ctx, "tally", chains)
	seen := map[string]map[string]int{}
	for i := range records {
		var s Seen
		if records[i].Mark != 0 {
			if _, decodeErr := s.ReadMsgpack(records[i].Value); decodeErr != nil {
				err = errors.Join(err, fmt.Errorf("the state of %s: %w", chains[i], decodeErr))
			}
		}
		seen[chains[i]] = s.Leaves
	}
	return seen, err
}

// deadLetters returns the reasons of all dead letters.
func deadLetters(ctx context.Context, b contract.Admin) (map[visit][]contract.Reason, error) {
	dead := map[visit][]contract.Reason{}
	var errs []error
	for _, o := range organNames {
		var last necro.ID
		for {
			list, err := b.DeadLetters(ctx, o, last, 100)
			errs = append(errs, err)
			if len(list) == 0 {
				break
			}
			last = list[len(list)-1].ID
			for i := range list {
				s, err := stepOf(&list[i].Message)
				if err != nil {
					errs = append(errs, err)
					continue
				}
				v := visit{o, s.Path}
				dead[v] = append(dead[v], list[i].Reason)
			}
		}
	}
	return dead, errors.Join(errs...)
}
