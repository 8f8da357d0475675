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

// An organ is known by its identity, the name under which it was bound first, and its keys are named by that. The table
// of bindings leads from every other name to the identity. So an organ that is renamed, and names its former name as an
// alias, keeps its stored deliveries. Processes of both releases share the subscription while a rollout lasts. An event
// has an identity in the same way.
//
// Binding is one script (subscribe.lua). A plan is made from the table that was read, and carries its digest. The script
// writes the rows that the plan wants, or refuses it. The work behind it goes page by page: parked events are handed over
// (turn.go), and messages of a former order are moved. Any process that is bound goes on with it when this one ends.

// bindOrgans binds organs, and then hands them the parked events and lets go of those that a former order has left.
// Binding again changes nothing, so after an error the caller may repeat it.
//
// The identities of organs are found in the table that was read last. When another process has changed it since, the
// script refuses the plan, and a new one is made from the new table.
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
		// A full server takes no new binding. A process whose organs are bound already must join nevertheless, because it
		// works off the stored events.
		if resp.HasCode(r.Err, "OOM") && plan.isBound(t) {
			plan.request.Rejoin = true
			r = p.RunCall(ctx, plan.request.Call())
		}
		// The script cannot run while the slot is half moved. An organ that is bound as it is to be needs no script.
		if conn.IsMoving(r.Err) && plan.isBound(t) {
			return p.joinBound(ctx, plan)
		}
		if r.Err != nil || !store.IsStale(r) {
			break
		}
		// Another process has bound meanwhile. When many start at a time, the jitter keeps them from refusing each
		// other in step.
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

// joinBound has this process consume organs that are bound already as they are to be, while the slot is being moved: the
// subscribe script names keys that need not exist, and would run on neither node. The members of the process are written,
// so that other processes know of it; parks and former orders are left to the looks that come when the slot has moved.
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

// followBindings takes over the bindings as they are now, and finishes the changes that have begun. It returns when the
// parks of these organs are handed over, so that the events which waited for an organ come before newer ones. Messages of
// a former order are moved for a short time only: the looks of the partition go on with them.
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

// bindPlan has the organs that one call of the subscribe script binds, and the call. Only the goroutine that binds uses it.
// It holds for one table of bindings, so a refused plan is dropped.
type bindPlan struct {
	p      *Partition
	queues []*queue
	table  *table.Bindings
	events []string // names that organs are bound to, each once

	request store.SubscribeRequest
}

// planBinding finds the identities of organs and events in the table that the server has, and puts the call together. The
// script refuses it when the table has changed since. It writes the identities into the queues, which no other goroutine
// uses yet. An error is permanent: the organ cannot be bound by this process.
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
		organ := store.SubscribeOrgan{ID: q.organ, Path: q.sub.Path, Pack: q.sub.Pack, Order: m.OrderWord(), Exclusive: m.Exclusive, Member: speaker.liveMember()}
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

// identifyOrgans finds the identity of each organ. An organ that claims a former name by an alias comes before an organ
// that merely has this name, which is another one then.
//
// It goes in three rounds, because the surer claim has to come first. Organs that are shown under their own names keep
// their identities, unless another organ claims the name. The rest takes identities by names and aliases, in their order.
// An organ that has found none gets its name as a new identity, with a number where the name is taken.
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

// nameOrgan has the table know an organ by its name, and by its former names as far as they are not those of others. A row
// is written only where it differs from the table, because each write gives the table another digest, and every process
// reads it again.
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

// identifyEvent has the table know an event that has former names by the first of them. The identity is that of the
// first name which the table knows; the ids of emissions are made from it, so it must not change with a rename.
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

// hasRow reports whether the call writes a row of the table already: the first one that claims a name has it.
func (b *bindPlan) hasRow(name string) bool {
	return slices.ContainsFunc(b.request.Rows, func(row store.SubscribeRow) bool { return row.Name == name })
}

// speakerFor returns the queue that says which mode this process wants for an organ: one that it consumes already comes
// before a new one, whose consumer will share the other one.
func (p *Partition) speakerFor(q *queue) *queue {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.queues[q.organ]; known != nil {
		return known
	}
	return q
}

// isBound reports whether the organs are bound already to all their events, so that the call would only join.
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

// tellRollout logs changes that an operator of a rollout should know of: another package or another name of an organ.
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

// numberIn returns the place of a name in a list, from 1 on, as scripts count. It adds a name that is new.
func numberIn(list *[]string, name string) int {
	if i := slices.Index(*list, name); i >= 0 {
		return i + 1
	}
	*list = append(*list, name)
	return len(*list)
}

// unscheduleRemoved finishes the removal of an organ before it is bound again: deliveries that were scheduled for it must
// not come back. The table has another digest then, so a plan that was made from t is refused, and the next one finds the
// removal finished.
func (p *Partition) unscheduleRemoved(ctx context.Context, t *table.Bindings, q *queue) error {
	if !t.Removing[q.organ] {
		return nil
	}
	return p.DeleteScheduled(ctx, q.organ)
}

// DeleteScheduled deletes the scheduled deliveries of an organ that was removed, in pages. A pass may skip too
// many, when another process deletes at the same time. So a pass that has not found all is followed by another one, and
// the third is final: the table forgets then that the organ is being removed.
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
