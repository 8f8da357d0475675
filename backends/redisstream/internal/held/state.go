package held

// State is what this process knows of one delivery. The package comment draws the transitions.
type State uint8

// The states. Those in which a delivery is done have bit 3, so that one word of [states] tells whether all of an
// entry is.
const (
	Unread State = iota
	Waiting
	Ready
	Out
	Offered
	Gone

	Settled State = iota + 2 // 8
	Aside
	Moved
)

// stateNames are the words of the package comment.
var stateNames = [...]string{Unread: "Unread", Waiting: "Waiting", Ready: "Ready", Out: "Out", Offered: "Offered", Gone: "Gone",
	Settled: "Settled", Aside: "Aside", Moved: "Moved"}

// String returns the word of the package comment.
func (s State) String() string { return stateNames[s] }

// isBuffered reports whether the buffer has the delivery.
func (s State) isBuffered() bool { return s == Waiting || s == Ready }

// isDone reports whether the delivery is no longer stored as a part of its entry.
func (s State) isDone() bool { return s&doneBit != 0 }

// doneBit is what the states have in common in which a delivery is done; doneWord is the word of states that has it.
const (
	doneBit  = 1 << doneWord
	doneWord = 3
)

// event is what changes the state of a delivery.
type event uint8

const (
	read event = iota
	take
	giveBack
	pass
	hold
	setAside
	offer
	keep
	move
	settle
	lose
)

// transitions has, for an event and the state before it, the state behind it. No event leads to Unread, so that
// stands for a refusal.
var transitions = [...][Moved + 1]State{
	read:     {Unread: Waiting},
	take:     {Waiting: Out, Ready: Out},
	giveBack: {Out: Waiting},
	pass:     {Waiting: Ready},
	hold:     {Ready: Waiting},
	setAside: {Waiting: Aside, Ready: Aside},
	offer:    {Waiting: Offered, Ready: Offered},
	keep:     {Offered: Waiting},
	move:     {Offered: Moved},
	settle:   {Unread: Settled, Waiting: Settled, Ready: Settled, Out: Settled, Offered: Settled},
	lose:     {Unread: Gone, Waiting: Gone, Ready: Gone, Out: Gone, Offered: Gone},
}

// states has a [State] for each message of an entry, without memory of its own: bit i of word b is bit b of the
// state of message i. So a question about all messages is a few operations on words.
type states [doneWord + 1]uint64

// of returns the state of a message.
func (s *states) of(index int) (state State) {
	for b, word := range s {
		state |= State(word>>index&1) << b
	}
	return state
}

// set gives messages, as bits, a state.
func (s *states) set(messages uint64, state State) {
	for b := range s {
		s[b] &^= messages
		if state>>b&1 == 1 {
			s[b] |= messages
		}
	}
}

// in returns the bits of the messages that have a state. Those beyond the last message of the entry count as Unread.
func (s *states) in(state State) uint64 {
	messages := ^uint64(0)
	for b, word := range s {
		if state>>b&1 == 0 {
			word = ^word
		}
		messages &= word
	}
	return messages
}
