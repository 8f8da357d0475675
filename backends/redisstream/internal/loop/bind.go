package loop

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// bindOrgans binds organs, and then hands them the parked events and lets go of those that a former order has left.
// Binding again changes nothing.
func (p *Partition) bindOrgans(ctx context.Context, queues []*queue) error {
	if err := p.claimLayout(ctx); err != nil {
		return err
	}
	t, err := p.ReloadTable(ctx)
	if err != nil {
		return err
	}
	var plan *bindPlan
	var r *resp.Reply
	for range table.MaxStale {
		if plan, err = p.planBinding(t, queues); err != nil {
			return contract.Permanent(err)
		}
		for _, q := range queues {
			if err := p.unscheduleRemoved(ctx, t, q); err != nil {
				return err
			}
		}
		r = p.RunCall(ctx, plan.request.Call())
		if resp.HasCode(r.Err, "OOM") && plan.isBound(t) { // it must join to work off the stored events
			plan.request.Rejoin = true
			r = p.RunCall(ctx, plan.request.Call())
		}
		if conn.IsMoving(r.Err) && plan.isBound(t) { // nothing is to be changed
			return p.joinBound(ctx, plan)
		}
		if r.Err != nil || !store.IsStale(r) {
			break
		}
		select {
		case <-time.After(conn.JitterWait(2 * time.Millisecond)):
		case <-ctx.Done():
			return ctx.Err()
		}
		if t, err = p.ReloadTable(ctx); err != nil {
			return err
		}
	}
	if store.IsStale(r) {
		return table.ErrStale
	}
	if err := plan.request.ReadReply(r); err != nil {
		return err
	}
	plan.tellRollout(t)
	if err := p.anchorKeys(ctx, queues); err != nil {
		return err
	}
	return p.followBindings(ctx, queues)
}

// joinBound has this process consume organs that are bound already as they are to be, while the slot is being
// moved: the subscribe script names keys that need not exist.
func (p *Partition) joinBound(ctx context.Context, plan *bindPlan) error {
	request := store.LiveRequest{Keys: p.Keys(), TTL: liveFor}
	for _, q := range plan.queues {
		request.Members = append(request.Members, p.speakerFor(q).liveMember())
	}
	if err := request.ReadReply(p.RunCall(ctx, request.Call())); err != nil {
		return err
	}
	t, err := p.ReloadTable(ctx)
	if err != nil {
		return err
	}
	plan.tellRollout(t)
	for _, q := range plan.queues {
		q.adoptMode(t)
	}
	return nil
}

// followBindings takes over the bindings as they are now, and finishes the changes that have begun: it returns when the
// parks of these organs are handed over.
func (p *Partition) followBindings(ctx context.Context, queues []*queue) error {
	t, err := p.ReloadTable(ctx)
	if err != nil {
		return err
	}
	for _, q := range queues {
		q.adoptMode(t)
	}
	for more := true; more; {
		if more, err = p.handOver(ctx); err != nil {
			return err
		}
	}
	for _, q := range queues {
		if err := p.turnFor(ctx, q, 10*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// bindPlan is what one call of the subscribe script binds.
type bindPlan struct {
	p      *Partition
	queues []*queue
	table  *table.Bindings
	events []string // names that organs are bound to

	request store.SubscribeRequest
}

// planBinding finds the identities of organs and events in the table that the server has, and puts the call
// together. The script refuses it when the table has changed since.
func (p *Partition) planBinding(t *table.Bindings, queues []*queue) (*bindPlan, error) {
	b := &bindPlan{p: p, queues: queues, table: t}
	if err := b.identifyOrgans(); err != nil {
		return nil, err
	}
	b.request = store.SubscribeRequest{Keys: p.Keys(), Digest: t.Digest, TTL: liveFor, Process: p.process.Name}
	for _, q := range queues {
		b.nameOrgan(q)
		for _, list := range [][]*contract.EventType{q.sub.Events, q.sub.Emits} {
			for _, e := range list {
				b.identifyEvent(e)
			}
		}
		speaker := p.speakerFor(q)
		m := speaker.wantedMode()
		organ := store.SubscribeOrgan{ID: q.organ, Path: q.sub.Path, Pack: q.sub.Pack, Order: m.Order, Exclusive: m.Exclusive, Member: speaker.liveMember()}
		for _, name := range q.boundEvents() {
			organ.Events = append(organ.Events, numberIn(&b.events, name))
		}
		b.request.Organs = append(b.request.Organs, organ)
	}
	for _, name := range b.events {
		b.request.Events = append(b.request.Events, store.SubscribeEvent{Name: name})
	}
	return b, nil
}

// identifyOrgans finds the identity of each organ. An organ that claims a former name by an alias comes
// before an organ that merely has this name, which is another one then.
func (b *bindPlan) identifyOrgans() error {
	claimed, taken := map[string]bool{}, map[string]bool{}
	found := map[*queue]string{}
	for _, q := range b.queues {
		for _, alias := range q.sub.Aliases {
			claimed[alias] = true
		}
	}
	take := func(q *queue, name string, which func(*table.Target) bool) {
		if to := b.table.OrganNamed(name); to != nil && found[q] == "" && !taken[to.Organ] && which(to) {
			found[q], taken[to.Organ] = to.Organ, true
		}
	}
	for _, q := range b.queues {
		take(q, q.sub.Organ, func(to *table.Target) bool { return !claimed[to.Shown] && to.Shown == q.sub.Organ })
	}
	for _, q := range b.queues {
		for i, name := range append([]string{q.sub.Organ}, q.sub.Aliases...) {
			take(q, name, func(*table.Target) bool { return i > 0 || !claimed[name] })
		}
	}
	for _, q := range b.queues {
		id := cmp.Or(found[q], q.organ)
		for k := 2; found[q] == "" && (taken[id] || b.table.Organs[id] != nil); k++ {
			id = q.sub.Organ + "#" + strconv.Itoa(k)
		}
		if q.entered.Load() && id != q.organ {
			return fmt.Errorf("organ %s is bound as %s since the server lost its data, and was %s: restart this process", q.sub.Organ, id, q.organ)
		}
		taken[id] = true
		if id != q.organ { // before anything else uses the queue: from then on the identity is only read
			q.organ = id
		}
	}
	return nil
}

// nameOrgan has the table know an organ by its name, and by its former names as far as they are not
// those of others.
func (b *bindPlan) nameOrgan(q *queue) {
	t := b.table
	set := func(row, value, before string) {
		if value != before {
			b.request.Rows = append(b.request.Rows, store.SubscribeRow{Name: row, Value: value})
		}
	}
	set("name "+q.sub.Organ, table.UnlessUsual(q.sub.Organ, q.organ), t.Names[q.sub.Organ])
	for _, alias := range q.sub.Aliases {
		other := slices.ContainsFunc(b.queues, func(o *queue) bool { return o.sub.Organ == alias })
		if to := t.OrganNamed(alias); !other && (to == nil || to.Organ == q.organ) {
			set("name "+alias, table.UnlessUsual(alias, q.organ), t.Names[alias])
		}
	}
	before := ""
	if to := t.Organs[q.organ]; to != nil {
		before = table.UnlessUsual(q.organ, to.Shown)
	}
	set("shown "+q.organ, table.UnlessUsual(q.organ, q.sub.Organ), before)
	if to := t.Organs[q.organ]; q.sub.State && (to == nil || !to.Stateful) {
		set("state "+q.organ, "1", "")
	}
}

// identifyEvent has the table know an event that has former names by the first of them.
func (b *bindPlan) identifyEvent(e *contract.EventType) {
	if len(e.Aliases) == 0 {
		return
	}
	names := append([]string{e.Name}, e.Aliases...)
	id := e.Aliases[len(e.Aliases)-1]
	if i := slices.IndexFunc(names, func(name string) bool { return b.table.Idents[name] != "" }); i >= 0 {
		id = b.table.Idents[names[i]]
	}
	for _, name := range names {
		if row := "ident " + name; name != id && b.table.Idents[name] == "" && !b.hasRow(row) {
			b.request.Rows = append(b.request.Rows, store.SubscribeRow{Name: row, Value: id})
		}
	}
}

// hasRow reports whether the call writes a row already.
func (b *bindPlan) hasRow(name string) bool {
	return slices.ContainsFunc(b.request.Rows, func(row store.SubscribeRow) bool { return row.Name == name })
}

// speakerFor is the queue that says what this process wants of an organ: one that it consumes already comes
// before a new one, which will share it.
func (p *Partition) speakerFor(q *queue) *queue {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.queues[q.organ]; known != nil {
		return known
	}
	return q
}

// isBound reports whether the organs are bound already as they are to be.
func (b *bindPlan) isBound(t *table.Bindings) bool {
	for _, q := range b.queues {
		is := t.Organs[q.organ]
		if is == nil {
			return false
		}
		for _, name := range eventNames(q.sub.Events) {
			if !slices.Contains(t.Events[name], is) {
				return false
			}
		}
	}
	return true
}

// tellRollout logs what an operator of a rollout should know.
func (b *bindPlan) tellRollout(before *table.Bindings) {
	for _, q := range b.queues {
		is := before.Organs[q.organ]
		if is == nil {
			continue
		}
		if is.Path != q.sub.Path {
			b.p.process.Log.Info("redis: the organ has moved to another package", "organ", q.sub.Organ, "from", is.Path, "to", q.sub.Path)
		}
		if is.Shown != q.sub.Organ {
			b.p.process.Log.Info("redis: the organ has another name, and shares the subscription with the former one",
				"organ", q.sub.Organ, "former", is.Shown, "identity", q.organ)
		}
	}
}

// numberIn returns the place of a name in a list, from 1 on; it adds a new one.
func numberIn(list *[]string, name string) int {
	if i := slices.Index(*list, name); i >= 0 {
		return i + 1
	}
	*list = append(*list, name)
	return len(*list)
}

// unscheduleRemoved finishes the removal of an organ before it is bound again: deliveries that were scheduled for it
// must not come back.
func (p *Partition) unscheduleRemoved(ctx context.Context, t *table.Bindings, q *queue) error {
	if !t.Removing[q.organ] {
		return nil
	}
	if err := p.DeleteScheduled(ctx, q.organ); err != nil {
		return err
	}
	delete(t.Removing, q.organ)
	return nil
}

// DeleteScheduled deletes the scheduled deliveries of an organ that was removed.
func (p *Partition) DeleteScheduled(ctx context.Context, organ string) error {
	skip := 0
	for pass := 1; ; {
		request := store.UnscheduleRequest{Keys: p.Keys(), Organ: organ, Skip: skip, Messages: pageEvents, Bytes: pageBytes, Final: pass > 2}
		next, err := request.ReadReply(p.RunCall(ctx, request.Call()))
		if err != nil {
			return err
		}
		skip = next.Skip
		switch next.State {
		case "DONE":
			_, err := p.ReloadTable(ctx)
			return err
		case "AGAIN":
			pass++
		}
	}
}
