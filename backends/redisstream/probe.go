package redisstream

import (
	"context"
	"fmt"
	"strconv"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// connectOnce looks at the server once: whether this backend can work with it, and how durable it is.
func (b *process) connectOnce(ctx context.Context) error {
	if b.done.Err() != nil {
		return contract.ErrClosed
	}
	if b.connected.Load() {
		return nil
	}
	if err := b.connecting.lock(ctx); err != nil {
		return err
	}
	defer b.connecting.unlock()
	if b.connected.Load() {
		return nil
	}
	first, err := b.settleLayout(ctx)
	if err != nil {
		return err
	}
	b.log.Info("redis is ready", "addr", first.Address(), "namespace", b.namespace,
		"partitions", len(b.partitions), "durability", b.durability)
	b.connected.Store(true)
	b.servers.NotePlaced()
	return nil
}

// settleLayout finds out where the partitions are, and returns the one that said so: the first one, or
// another one while the first one's server is down. The others are looked at when they are opened.
func (b *process) settleLayout(ctx context.Context) (*partition, error) {
	first := b.partitions[0]
	durability, err := first.probeServer(ctx)
	if err != nil && conn.IsUnavailable(err) && len(b.partitions) > 1 {
		if other := b.findLayout(ctx); other != nil {
			first = other
			durability, err = first.probeServer(ctx)
		}
	}
	if err != nil {
		return nil, first.ExplainError(err)
	}
	b.durability = durability
	if err := first.anchorKeys(ctx, nil); err != nil {
		return nil, first.ExplainError(err)
	}
	first.opened.Store(true)
	return first, nil
}

// probeServer checks the server of a partition, and that the partition is laid out as expected.
func (p *partition) probeServer(ctx context.Context) (durability string, err error) {
	info, err := p.AskInfo(ctx)
	if err != nil {
		return "", err
	}
	if err := info.CheckServer(); err != nil {
		return "", contract.Permanent(err)
	}
	return info.DurabilityLine(), p.claimLayout(ctx)
}

// openOnce makes the partition ready for use, unless that was done: its layout is claimed, and the organs
// that this process consumes are bound. While its server is down, every use tries again.
func (p *partition) openOnce(ctx context.Context) error {
	if p.opened.Load() {
		return nil
	}
	if err := p.opening.lock(ctx); err != nil {
		return err
	}
	defer p.opening.unlock()
	if p.opened.Load() {
		return nil
	}
	if _, err := p.probeServer(ctx); err != nil {
		return err
	}
	p.opened.Store(true) // before the list is read: Subscribe takes it back when it adds to that
	queues := p.sortedQueues()
	var err error
	if len(queues) > 0 {
		err = p.bindOrgans(ctx, queues)
	} else {
		err = p.anchorKeys(ctx, nil)
	}
	if err != nil {
		p.opened.Store(false)
		return err
	}
	for _, q := range queues {
		q.lookAgain()
	}
	return nil
}

// claimLayout refuses a partition that another layout, or another number of partitions, uses.
func (p *partition) claimLayout(ctx context.Context) error {
	want, tags := []string{strconv.Itoa(layout), strconv.Itoa(len(p.b.partitions))}, ""
	if p.number == 0 {
		tags = p.b.proposedTags()
	}
	claimed := want[0]
	if tags != "" {
		claimed = spreadLayout
	}
	request := store.MetaRequest{Keys: p.keys(), Layout: claimed, Partitions: want[1], Tags: tags}
	got, err := request.ReadReply(p.RunCall(ctx, request.Call()))
	if got.Layout == spreadLayout && got.Tags != "" {
		got.Layout = want[0]
	}
	switch {
	case err != nil:
		return err
	case got.Layout != want[0]:
		return contract.Permanent(fmt.Errorf("redis: namespace %s has layout %s, this program knows %s: update it, or use another namespace",
			p.b.namespace, got.Layout, want[0]))
	case got.Partitions != want[1]:
		return contract.Permanent(fmt.Errorf("redis: namespace %s has %s partitions, not %s: the number is fixed when a namespace is first used",
			p.b.namespace, got.Partitions, want[1]))
	case p.number == 0 && p.b.connected.Load() && got.Tags != p.b.tags:
		return contract.Permanent(fmt.Errorf("redis: namespace %s was made anew, and its partitions are elsewhere: start this program again", p.b.namespace))
	case p.number == 0 && !p.b.connected.Load():
		if err := p.b.placePartitions(got.Tags); err != nil {
			return contract.Permanent(err)
		}
	}
	return nil
}
