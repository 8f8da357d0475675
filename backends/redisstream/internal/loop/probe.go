package loop

import (
	"context"
	"fmt"
	"strconv"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/message"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/runtime/contract"
)

// ConnectOnce looks at the server once: whether this backend can work with it, and how durable it is.
func (b *Process) ConnectOnce(ctx context.Context) error {
	if b.Done.Err() != nil {
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
	b.Log.Info("redis is ready", "addr", first.Address(), "namespace", b.Namespace,
		"partitions", len(b.Partitions), "durability", b.Durability)
	b.connected.Store(true)
	b.servers.NotePlaced()
	return nil
}

// settleLayout finds out where the partitions are, and returns the one that said so: the first one, or
// another one while the first one's server is down. The others are looked at when they are opened.
func (b *Process) settleLayout(ctx context.Context) (*Partition, error) {
	first := b.Partitions[0]
	durability, err := first.probeServer(ctx)
	if err != nil && conn.IsUnavailable(err) && len(b.Partitions) > 1 {
		if other := b.findLayout(ctx); other != nil {
			first = other
			durability, err = first.probeServer(ctx)
		}
	}
	if err != nil {
		return nil, first.ExplainError(err)
	}
	b.Durability = durability
	if err := first.anchorKeys(ctx, nil); err != nil {
		return nil, first.ExplainError(err)
	}
	first.opened.Store(true)
	return first, nil
}

// probeServer checks the server of a partition, and that the partition is laid out as expected.
func (p *Partition) probeServer(ctx context.Context) (durability string, err error) {
	info, err := p.AskInfo(ctx)
	if err != nil {
		return "", err
	}
	if err := info.CheckServer(); err != nil {
		return "", contract.Permanent(err)
	}
	return info.DurabilityLine(), p.claimLayout(ctx)
}

// OpenOnce makes the partition ready for use, unless that was done: its layout is claimed, and the organs
// that this process consumes are bound. While its server is down, every use tries again.
func (p *Partition) OpenOnce(ctx context.Context) error {
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
func (p *Partition) claimLayout(ctx context.Context) error {
	want, tags := []string{strconv.Itoa(message.Layout), strconv.Itoa(len(p.process.Partitions))}, ""
	if p.Number == 0 {
		tags = p.process.proposedTags()
	}
	claimed := want[0]
	if tags != "" {
		claimed = spreadLayout
	}
	request := store.MetaRequest{Keys: p.Keys(), Layout: claimed, Partitions: want[1], Tags: tags}
	got, err := request.ReadReply(p.RunCall(ctx, request.Call()))
	if got.Layout == spreadLayout && got.Tags != "" {
		got.Layout = want[0]
	}
	switch {
	case err != nil:
		return err
	case got.Layout != want[0]:
		return contract.Permanent(fmt.Errorf("redis: namespace %s has layout %s, this program knows %s: update it, or use another namespace",
			p.process.Namespace, got.Layout, want[0]))
	case got.Partitions != want[1]:
		return contract.Permanent(fmt.Errorf("redis: namespace %s has %s partitions, not %s: the number is fixed when a namespace is first used",
			p.process.Namespace, got.Partitions, want[1]))
	case p.Number == 0 && p.process.connected.Load() && got.Tags != p.process.tags:
		return contract.Permanent(fmt.Errorf("redis: namespace %s was made anew, and its partitions are elsewhere: start this program again", p.process.Namespace))
	case p.Number == 0 && !p.process.connected.Load():
		if err := p.process.placePartitions(got.Tags); err != nil {
			return contract.Permanent(err)
		}
	}
	return nil
}
