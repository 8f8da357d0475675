package held

import (
	"iter"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// mayBeOffered reports whether other processes may run a delivery that waits here. A suspect is left out: they take
// it over when it is released. Entries of the front stream are left out, because they have an order.
func mayBeOffered(d contract.Delivery) bool { return !d.Suspect && EntryOf(&d).Stream == MainStream }

// FirstOffer returns when the first delivery of the buffer was read that other processes may run. ok is false when there
// is none.
func (s *Share) FirstOffer() (read time.Time, ok bool) {
	i := slices.IndexFunc(s.buffer, mayBeOffered)
	if i < 0 {
		return time.Time{}, false
	}
	return EntryOf(&s.buffer[i]).Read, true
}

// BeginOffer takes at most n deliveries that other processes may run out of the buffer, from its end. The caller
// tells with [Share.EndOffer] what became of each of them.
func (s *Share) BeginOffer(n int) []contract.Delivery {
	from := len(s.buffer)
	for count := 0; from > 0 && count < n; from-- {
		if mayBeOffered(s.buffer[from-1]) {
			count++
		}
	}
	taken := slices.DeleteFunc(slices.Clone(s.buffer[from:]), func(d contract.Delivery) bool { return !mayBeOffered(d) })
	kept := slices.DeleteFunc(s.buffer[from:], mayBeOffered)
	s.buffer = s.buffer[:from+len(kept)]
	for i := range taken {
		EntryOf(&taken[i]).changeState(int(taken[i].Tag), offer)
	}
	return taken
}

// EndOffer takes in what became of deliveries that were offered: by the answer, which has a byte for each entry, a 1
// where its messages are stored again. Another byte says that the entry belongs to this process no more. With no
// answer none was stored again, and all return to the buffer.
func (s *Share) EndOffer(ds []contract.Delivery, answer []byte) {
	i := 0
	for run := range EntryRuns(ds) {
		e := EntryOf(&run[0])
		switch {
		case i < len(answer) && answer[i] == '1':
			for _, d := range run {
				s.finishMessage(e, int(d.Tag), move)
			}
		case i < len(answer):
			s.Lose([]*Entry{e})
		default:
			for _, d := range run {
				if e.changeState(int(d.Tag), keep) {
					s.buffer = append(s.buffer, d)
				}
			}
		}
		i++
	}
	if len(answer) == 0 {
		s.sortBuffer()
	}
}

// EntryRuns divides deliveries into runs of one entry.
func EntryRuns(ds []contract.Delivery) iter.Seq[[]contract.Delivery] {
	return func(yield func([]contract.Delivery) bool) {
		for from := 0; from < len(ds); {
			to := from + 1
			for to < len(ds) && ds[to].Ref == ds[from].Ref {
				to++
			}
			if !yield(ds[from:to]) {
				return
			}
			from = to
		}
	}
}
