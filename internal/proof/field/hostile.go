package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/runtime/contract"
)

// plantBytes writes random bytes, and altered copies of stored events, to places that processes read. The real events are
// left alone, because an event that is changed there is lost by that.
func plantBytes(g *ground, n int) error {
	return askServer(g.server.Addr(), func(ctx context.Context, client *redis.Client) error {
		p := planter{g: g, ctx: ctx, client: client}
		if n%3 == 0 {
			return errors.Join(p.plantRandom(), p.copyEntry())
		}
		return errors.Join(p.copyEntry(), p.copyMember("due"), p.copyMember("wait:field.Orderly"), p.spoilMarks())
	})
}

// planter writes hostile bytes into the one partition of the scenario.
type planter struct {
	g      *ground
	ctx    context.Context
	client *redis.Client
}

const plantedPrefix = "necro:{field:0}:"

// somePlace returns the name of a key that matches one of the patterns, or "".
func (p planter) somePlace(patterns ...string) (string, error) {
	var all []string
	for _, pattern := range patterns {
		names, err := p.client.Keys(p.ctx, plantedPrefix+pattern).Result()
		if err != nil {
			return "", err
		}
		all = append(all, names...)
	}
	if len(all) == 0 {
		return "", nil
	}
	slices.Sort(all)
	return all[p.g.rng.IntN(len(all))], nil
}

// plantRandom adds an entry of random bytes, or of a field that entries do not have.
func (p planter) plantRandom() error {
	stream, err := p.somePlace("q:*")
	if err != nil || stream == "" {
		return err
	}
	bytes := p.randomBytes(64)
	values := []any{"m", bytes}
	if p.g.rng.IntN(2) == 0 {
		values = []any{"other", bytes, "m", ""}
	}
	return p.client.XAdd(p.ctx, &redis.XAddArgs{Stream: stream, Values: values}).Err()
}

// copyEntry adds an altered copy of an entry to its own stream, or to another one.
func (p planter) copyEntry() error {
	from, err := p.somePlace("q:*", "first:*", "dead:*")
	if err != nil || from == "" {
		return err
	}
	entries, err := p.client.XRangeN(p.ctx, from, "-", "+", 16).Result()
	if err != nil || len(entries) == 0 {
		return err
	}
	to, err := p.somePlace("q:*", "first:*")
	if err != nil || to == "" {
		return err
	}
	copied := entries[p.g.rng.IntN(len(entries))].Values
	values := []any{"m", p.alter(copied["m"])}
	if origin, ok := copied["origin"]; ok {
		values = append(values, "origin", p.alter(origin))
	}
	return p.client.XAdd(p.ctx, &redis.XAddArgs{Stream: to, Values: values}).Err()
}

// copyMember adds an altered copy of a member of a sorted set to it.
func (p planter) copyMember(name string) error {
	members, err := p.client.ZRandMember(p.ctx, plantedPrefix+name, 8).Result()
	members = slices.DeleteFunc(members, func(m string) bool { return m == "" }) // it keeps the set there
	if err != nil || len(members) == 0 {
		return err
	}
	altered := p.alter(members[p.g.rng.IntN(len(members))])
	return p.client.ZAdd(p.ctx, plantedPrefix+name, redis.Z{Member: altered}).Err()
}

// spoilMarks changes the marks of a pack of which nothing is marked as done.
func (p planter) spoilMarks() error {
	stream, err := p.somePlace("q:*")
	if err != nil || stream == "" {
		return err
	}
	part := strings.Replace(stream, "}:q:", "}:part:", 1)
	marks := strings.Repeat(".x\x00\xff"[p.g.rng.IntN(4):], p.g.rng.IntN(40))
	err = spoilMarks.Run(p.ctx, p.client, []string{stream, part}, marks).Err()
	if err == redis.Nil {
		return nil
	}
	return err
}

var spoilMarks = redis.NewScript(`
local entry = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local marks = entry and redis.call('HGET', KEYS[2], entry[1])
if marks and not marks:find('[#1-4A-E]') then redis.call('HSET', KEYS[2], entry[1], ARGV[1]) end`)

// notReal makes another event of a copy: one that no check waits for, under a key of its own, which it may block.
var notReal = strings.NewReplacer(sourcePrefix, "hostil", "key", "kez")

// alter returns stored bytes changed, cut, doubled or mixed up.
func (p planter) alter(stored any) string {
	text, _ := stored.(string)
	b := []byte(notReal.Replace(text))
	if len(b) == 0 {
		return "x"
	}
	rng := p.g.rng
	at := rng.IntN(len(b))
	switch rng.IntN(7) {
	case 0: // as it is
	case 1:
		b = b[:at]
	case 2:
		b = b[at:]
	case 3:
		b = append(b, b...)
	case 4:
		b = slices.Concat(b[:at], p.randomBytes(8), b[at:])
	case 5:
		b = slices.Concat(b[at:], b[:at])
	default:
		for range 1 + rng.IntN(3) {
			b[rng.IntN(len(b))] = byte(rng.Uint32())
		}
	}
	return string(b) + strings.Repeat("x", max(0, 1-len(b)))
}

func (p planter) randomBytes(most int) []byte {
	bytes := make([]byte, p.g.rng.IntN(most))
	for i := range bytes {
		bytes[i] = byte(p.g.rng.Uint32())
	}
	return bytes
}

// countReal counts the deliveries that are left of events which publishers or organs stored, without planted ones:
// copies of another version wait for a program that knows it, as promised.
func countReal(ctx context.Context, b *redisstream.Backend) (left int, err error) {
	err = b.EachStored(ctx, func(s contract.Stored) bool {
		if s.Place != "dead" && s.Place != "parked" && strings.Contains(string(s.Message.Payload), sourcePrefix) {
			left++
		}
		return true
	})
	return left, err
}

// countAll counts all deliveries that are left.
func countAll(ctx context.Context, b *redisstream.Backend) (left int, err error) {
	h := b.Health(ctx)
	for _, o := range h.Organs {
		left += o.Ready + o.Leased + o.Scheduled
	}
	return left, h.Err
}
