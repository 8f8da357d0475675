package memory

import "github.com/necrostack/necrogen/runtime/contract"

// keepChunks is the number of empty chunks that a fifo keeps to use again: enough for a
// queue that goes up to DefaultLimit and down, 15 MiB.
const keepChunks = DefaultLimit / chunkSize

// fifo is a queue of deliveries that were never handed out. They are handed out from the
// chunks that they were written to, and the chunks are used again: a queue that goes up
// and down copies nothing and makes no garbage. The queue's mutex guards it.
//
// Invariant: n is the number of written and unread items of the chunks from head to tail, every chunk but
// the tail is full, and the head has an unread item while n is more than 0.
type fifo struct {
	head, tail *chunk
	n          int
	spare      *chunk // empty ones, linked; spares is their number
	spares     int
	chunks     uint64 // numbers them, for their tags
}

// pushMessage appends a message.
func (f *fifo) pushMessage(m *contract.Message, seq uint64) {
	if f.tail == nil || f.tail.wrote == chunkSize {
		f.addChunk()
	}
	c := f.tail
	i := c.wrote
	d := &c.items[i]
	d.Message = *m
	d.Ref, d.Tag = c, c.tag+uint64(i)
	c.slots[i].seq = seq
	c.wrote++
	f.n++
}

// addChunk appends an empty chunk with new tags.
func (f *fifo) addChunk() {
	c := f.spare
	if c == nil {
		c = newChunk(chunkSize)
	} else {
		f.spare, c.next = c.next, nil
		f.spares--
	}
	f.chunks++
	c.tag = f.chunks * chunkSize
	if f.tail == nil {
		f.head = c
	} else {
		f.tail.next = c
	}
	f.tail = c
}

// firstSeq returns the place of the oldest in stored order; there must be one.
func (f *fifo) firstSeq() uint64 { return f.head.slots[f.head.read].seq }

// takeRun returns at most limit of the oldest as a part of a chunk; there must be one.
func (f *fifo) takeRun(limit int) (c *chunk, from, to int) {
	c, from = f.head, f.head.read
	to = min(c.wrote, from+limit)
	c.read = to
	f.n -= to - from
	if to == chunkSize {
		f.head = c.next
		c.next = nil
		if f.head == nil {
			f.tail = nil
		}
	}
	return c, from, to
}

// popItem takes the oldest away from its chunk; there must be one.
func (f *fifo) popItem() *item {
	c, i, _ := f.takeRun(1)
	c.once = true // its count of settled items never gets full, so the chunk is not used again
	it := &item{Delivery: c.items[i], seq: c.slots[i].seq}
	c.items[i] = contract.Delivery{}
	return it
}

// recycleChunk keeps an empty chunk.
func (f *fifo) recycleChunk(c *chunk) {
	if f.spares == keepChunks {
		return
	}
	clear(c.items)
	clear(c.slots)
	c.read, c.wrote, c.settled, c.user = 0, 0, 0, nil
	c.next, f.spare = f.spare, c
	f.spares++
}
