package redisstream

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Health is one look at each partition. How many deliveries are stored is exact; how many of
// them are leased is exact up to a thousand leased entries of an organ.
func (b *Backend) Health(ctx context.Context) necro.Health {
	if err := b.connect(ctx); err != nil {
		return necro.Health{Err: err}
	}
	organs := map[string]*necro.OrganHealth{}
	parks := map[string]*necro.ParkHealth{}
	for _, p := range b.partitions {
		if err := p.health(ctx, organs, parks); err != nil {
			return necro.Health{Err: p.node.explain(err)}
		}
	}
	h := necro.Health{Durability: b.durability}
	for _, name := range slices.Sorted(maps.Keys(organs)) {
		h.Organs = append(h.Organs, *organs[name])
	}
	for _, name := range slices.Sorted(maps.Keys(parks)) {
		h.Parked = append(h.Parked, *parks[name])
	}
	return h
}

// health adds what a partition holds.
func (p *partition) health(ctx context.Context, organs map[string]*necro.OrganHealth, parks map[string]*necro.ParkHealth) error {
	t, err := p.table(ctx)
	for range maxStale {
		if err != nil {
			return err
		}
		names := slices.Sorted(maps.Keys(t.organs))
		keys := []string{p.key("bind"), p.key("n"), p.key("pause"), p.key("live")}
		args := []any{len(names)}
		for _, name := range names {
			for _, part := range []string{"q:", "part:", "dead:", "first:", "hold:", "wait:"} {
				keys = append(keys, p.key(part+name))
			}
			args = append(args, name, t.organs[name].order)
		}
		r := p.run(ctx, healthScript, keys, args...)
		r.array()
		if digest := string(r.bulk()); r.err == nil && digest != t.digest {
			t, err = p.reload(ctx)
			continue
		}
		counts, pauses := pairs(r), pairs(r)
		for _, name := range names {
			if organs[name] == nil {
				organs[name] = &necro.OrganHealth{Organ: name}
			}
			addOrgan(organs[name], r, counts, pauses)
		}
		addParks(parks, counts)
		return r.err
	}
	return errStale
}

// pairs reads names and values.
func pairs(r *reply) map[string]string {
	list := r.strings()
	m := make(map[string]string, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		m[list[i]] = list[i+1]
	}
	return m
}

func count(counts map[string]string, name string) int {
	n, _ := strconv.Atoi(counts[name]) // 0 where nothing was counted
	return n
}

// addOrgan adds one organ's row of the reply, and its counters.
func addOrgan(o *necro.OrganHealth, r *reply, counts, pauses map[string]string) {
	r.array()
	entries, leased, dead, aside, held := r.int(), r.int(), r.int(), r.int(), r.int()
	oldest, silent, consumers := r.int(), r.int(), r.int()
	stored := entries + max(count(counts, "more "+o.Organ), 0) // below 0 by packs that others wrote
	leased = min(leased, stored)
	ready := stored - leased
	o.Leased += leased
	o.Scheduled += count(counts, "due "+o.Organ) + aside
	if held > 0 {
		o.Scheduled += ready
	} else {
		o.Ready += ready
	}
	o.Dead += dead
	o.DeadBytes += int64(count(counts, "deadbytes "+o.Organ))
	o.Oldest = max(o.Oldest, time.Duration(oldest)*time.Millisecond)
	o.OldestLeased = max(o.OldestLeased, time.Duration(silent)*time.Millisecond)
	o.Consumers = max(o.Consumers, consumers)
	if reason, ok := pauses[o.Organ]; ok {
		o.Paused = reason
	} else if limits, ok := pauses[o.Organ+"!"]; ok && o.Paused == "" {
		letters, bytes, _ := strings.Cut(limits, " ")
		o.Paused = "it has as many dead letters as it may: " + letters + ", or " + bytes + " bytes"
	}
}

func addParks(parks map[string]*necro.ParkHealth, counts map[string]string) {
	park := func(name string) *necro.ParkHealth {
		if parks[name] == nil {
			parks[name] = &necro.ParkHealth{Event: name}
		}
		return parks[name]
	}
	for field := range counts {
		if name, ok := strings.CutPrefix(field, "parked "); ok {
			park(name).Parked += count(counts, field)
		} else if name, ok := strings.CutPrefix(field, "parklost "); ok {
			park(name).Dropped += count(counts, field)
		}
	}
}
