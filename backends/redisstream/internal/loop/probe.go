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

// Before a partition is used, three things are found out about it: whether its server is one that the backend can work
// with, whether the namespace has the layout and the number of partitions that this program expects, and where its
// partitions are. The process does so once for the first partition that it reaches (ConnectOnce), and for each of the
// others when it is first used (OpenOnce), so that a server which is down delays only its own part.

// ConnectOnce looks at the server once: whether this backend can work with it, how durable it is, and where the
// partitions are. Each call of the backend begins with it. After an error the next call tries again; an error that no
// repetition mends is permanent.
func (b *Process) ConnectOnce(ctx context.Context) error {
	if b.Done.Err() != nil {
		return contract.ErrClosed
	}
	if b.connected.Load() {
		return nil
	}
	// Many callers come at the start of a program. One of them connects, and the others find that done.
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

// settleLayout finds out where the partitions are, and returns the one that said so: the first one, or another one while
// the first one's server is down. The others are looked at when they are opened. The caller holds connecting. The
// partition that is returned is open, because the anchors of its keys are there and no organ is bound yet.
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

// probeServer checks the server of a partition, and that the partition is laid out as expected. It returns how durable
// the server is, in words.
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

// OpenOnce makes the partition ready for use, unless that was done: its layout is claimed, and the organs that this
// process consumes are bound. While its server is down, every use tries again. Callers that come meanwhile wait for the
// one that opens, as long as their contexts last.
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
	// Opened comes before the list of queues is read. A Subscribe that adds to the list behind that takes it back, and
	// the next use binds its organs. The other way round they would stay unbound.
	p.opened.Store(true)
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
	// Each Fetch that waits looks now, because it was told of no trouble while the partition was closed.
	for _, q := range queues {
		q.lookAgain()
	}
	return nil
}

// claimLayout writes the layout of a partition that is first used, and refuses one that another layout, or another number
// of partitions, uses. While the process connects, partition 0 also tells the tags of all; afterwards other tags are an
// error, because this process would look for the partitions elsewhere.
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
