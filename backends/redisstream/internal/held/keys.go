package held

import "github.com/necrostack/necrogen/runtime/contract"

// With order=key a delivery whose key a failed one holds is set aside in Redis, before it is handed out. The server
// is asked once for each delivery (Waiting), and again when a settle of this process may have let its key be held
// since (Ready becomes Waiting again).

// Waiting returns deliveries of the buffer, at most so many, whose keys may be held, and the count of holds at that
// time, for [Share.NoteKeys].
func (s *Share) Waiting(most int) (ds []contract.Delivery, holds int) {
	for i := range s.buffer {
		d := &s.buffer[i]
		if d.Key != "" && EntryOf(d).StateOf(int(d.Tag)) == Waiting {
			if ds = append(ds, *d); len(ds) == most {
				break
			}
		}
	}
	return ds, s.holds
}

// NoteKeys takes in what the server says of deliveries: a 1 for each that it has set aside. The others are Ready. If
// a settle has let keys be held since the call was made, the answer may be older than that settle, so the others
// wait to be looked at once more.
func (s *Share) NoteKeys(ds []contract.Delivery, answer []byte, holds int) {
	for i := range ds {
		e, index := EntryOf(&ds[i]), int(ds[i].Tag)
		switch {
		case answer[i] == '1':
			s.finishMessage(e, index, setAside)
		case s.holds == holds:
			e.changeState(index, pass)
		}
	}
	s.dropLeft()
}

// HoldKeys notes that a settle has let keys be held. Deliveries of the buffer that have one of them are looked at
// again.
func (s *Share) HoldKeys(keys map[string]bool) {
	s.holds++
	for i := range s.buffer {
		if d := &s.buffer[i]; keys[d.Key] {
			EntryOf(d).changeState(int(d.Tag), hold)
		}
	}
}
