package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/necrostack/necrogen/internal/sqlstore"
	"github.com/necrostack/necrogen/runtime/contract"
)

// maxPayload is the largest event that the file takes.
const maxPayload = 256 << 20

// errNoRoom says that the file holds its limit, and that a caller may wait.
var errNoRoom = errors.New("no room")

// Publish stores the messages for every organ that is bound to them, all or none of them; they are on the disk when it
// returns nil. It waits while the file holds its limit, and a call may exceed the limit by its own messages.
func (b *Backend) Publish(ctx context.Context, msgs []contract.Message, options contract.PublishOptions) (duplicates contract.Duplicates, err error) {
	if b.closed.Load() {
		return nil, contract.ErrClosed
	}
	msgs, err = sqlstore.PreparePublish(msgs, b.limit, checkSize)
	if err != nil {
		return nil, err
	}
	for {
		room := b.room.Wait()
		err := b.submitJob(ctx, true, func(t *transaction) (err error) {
			duplicates, err = b.storeAll(t, msgs)
			return err
		})
		if err == nil {
			return duplicates, nil
		}
		if !errors.Is(err, errNoRoom) {
			return nil, err
		}
		if b.failFull || options.NoWait {
			return nil, contract.ErrFull
		}
		b.watch.noteWaiting()
		select {
		case <-room:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-b.closing:
			return nil, contract.ErrClosed
		}
	}
}

// PublishOne is Publish for a single message.
func (b *Backend) PublishOne(ctx context.Context, m contract.Message, options contract.PublishOptions) (duplicate bool, err error) {
	duplicates, err := b.Publish(ctx, []contract.Message{m}, options)
	return duplicates.Has(0), err
}

// checkSize refuses a message that is too large for the file.
func checkSize(m *contract.Message, size int) error {
	if size > maxPayload {
		return contract.Permanent(fmt.Errorf("%s has %d bytes, and the file takes %d: keep large data elsewhere, and publish where it is",
			m.Type.Name, size, maxPayload))
	}
	return nil
}

// storeAll stores messages if there is room, but for duplicates.
func (b *Backend) storeAll(t *transaction, msgs []contract.Message) (duplicates contract.Duplicates, err error) {
	if err := b.checkRoom(t, msgs); err != nil {
		return nil, err
	}
	for i := range msgs {
		there, err := t.storeNew(&msgs[i])
		if err != nil {
			return nil, err
		}
		if !there.IsZero() {
			duplicates = duplicates.With(i, len(msgs), there)
		}
	}
	return duplicates, nil
}

// rememberID adds an id, unless it is there. Its time is that of an id which was given onceWindow before it is to be
// forgotten: so also a program that knows one time for all ids keeps it for as long.
const rememberID = `INSERT INTO once (id, at) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET at = ?2 WHERE at < ?3`

// storeNew stores a published message, unless it is a duplicate: then it returns the id of the event that is there.
func (t *transaction) storeNew(m *contract.Message) (there contract.ID, err error) {
	if m.Unique != 0 {
		if there, err = t.findUnique(m); err != nil || !there.IsZero() {
			return there, err
		}
	}
	if m.Once {
		added, err := t.exec(rememberID, m.ID[:], t.now+int64(m.Memory()-onceWindow), t.now-int64(onceWindow))
		if err != nil || added == 0 {
			return m.ID, err
		}
	}
	if m.Unique != 0 {
		if err := t.addUnique(m); err != nil {
			return there, err
		}
	}
	kept, err := t.storeMessage(m)
	if kept || err != nil {
		return there, err
	}
	if m.Unique != 0 { // the event that waits is not unique: nobody would release its place
		err = t.releaseUnique(m.ID[:])
	}
	return m.ID, err
}

// checkRoom refuses messages while the file holds its limit. Parked events take no room, and a delayed event takes that of
// one delivery.
func (b *Backend) checkRoom(t *transaction, msgs []contract.Message) error {
	takesRoom := false
	for i := range msgs {
		takesRoom = takesRoom || msgs[i].Due != 0 || len(b.known.bound[msgs[i].Type.Name]) > 0
	}
	if !takesRoom {
		return nil
	}
	held, err := b.known.countStored(t)
	if err != nil || held < b.limit {
		return err
	}
	if b.consuming.Load() > 0 {
		return errNoRoom
	}
	others, err := t.queryNumber(`SELECT count(*) FROM consumer JOIN process ON process.number = process WHERE began AND until > ?`, t.now)
	if err != nil {
		return err
	}
	if others > 0 {
		return errNoRoom
	}
	return contract.ErrFull
}

// countStored returns how many deliveries and delayed events the file holds.
func (k *known) countStored(t *transaction) (held int64, err error) {
	if err := k.loadDelayed(t); err != nil {
		return 0, err
	}
	stale := false
	for _, o := range k.organs {
		stale = stale || o.generation != k.generation
	}
	if stale {
		err = t.query(func(r *row) error {
			o := k.organs[r.integer()]
			if o == nil || o.generation == k.generation {
				return nil
			}
			o.readColumns(r)
			o.generation = k.generation
			return nil
		}, readOrganAll)
	}
	return k.sumStored(), err
}

// sumStored returns how many deliveries and delayed events the file held when they were counted last.
func (k *known) sumStored() int64 {
	held := k.delayed
	for _, o := range k.organs {
		held += o.countStored()
	}
	return held
}
