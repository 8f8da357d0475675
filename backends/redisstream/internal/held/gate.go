package held

import "time"

// Access is what of an organ the server lets this process have, in the words of the scripts.
type Access string

const (
	Open      Access = "open"
	Paused    Access = "paused"
	Owned     Access = "owned" // exclusive, by another consumer
	FrontOnly Access = "held"  // order=strict: a failed delivery holds back all others, so only the front stream may be read
	SomeKeys  Access = "keys"  // order=key: open, but for some keys
)

// IsReadable reports whether there is something that this process may have.
func (a Access) IsReadable() bool { return a == Open || a == FrontOnly || a == SomeKeys }

// freshness says whether the Access of a gate is to be trusted.
//
//	            AskLook     BeginLook   EndLook   EndLook after an error
//	known       wanted      looking     -         -
//	wanted      wanted      looking     -         -
//	looking     askedAgain  looking     known     wanted
//	askedAgain  askedAgain  looking     wanted    wanted
//
// It begins as known, so an organ that was never looked at is asked for (AskLook).
type freshness uint8

const (
	known      freshness = iota // nothing has happened since the last look that may have changed it
	wanted                      // it is to be looked up before anything is read
	looking                     // a look is under way
	askedAgain                  // a look is under way, and the access may have changed after the server answered it
)

// Gate says whether deliveries of an organ may be handed out.
type Gate struct {
	access    Access
	freshness freshness
	looked    time.Time // when the server said so last
	halts     int       // settles of this process that have paused the organ
	frontLeft bool      // the front stream may hold unread entries that come before the main stream's
}

// Access returns the access that was granted last.
func (g *Gate) Access() Access { return g.access }

// AskLook has the access looked up before anything is read.
func (g *Gate) AskLook() {
	switch g.freshness {
	case known:
		g.freshness = wanted
	case looking:
		g.freshness = askedAgain
	}
}

// WantsLook reports whether a look is wanted that has not begun.
func (g *Gate) WantsLook() bool { return g.freshness == wanted || g.freshness == askedAgain }

// BeginLook notes that a look begins. One is under way at a time.
func (g *Gate) BeginLook() { g.freshness = looking }

// EndLook notes that the look is over. After an error another one is wanted.
func (g *Gate) EndLook(failed bool) {
	if g.freshness == looking && !failed {
		g.freshness = known
	} else {
		g.freshness = wanted
	}
}

// IsStale reports whether the last look is too old.
func (g *Gate) IsStale(limit time.Duration, now time.Time) bool { return now.Sub(g.looked) >= limit }

// Halts counts the settles of this process that have paused the organ. A call that may tell an access takes the
// count before it is made, for [Gate.NoteAnswer].
func (g *Gate) Halts() int { return g.halts }

// Halt notes that a settle of this process has paused the organ.
func (g *Gate) Halt() { g.access, g.halts = Paused, g.halts+1 }

// NoteAnswer notes the access that an answer tells, and returns the one that counts. When a settle of this process
// has paused the organ since the call was made, the answer may be older than that pause.
func (g *Gate) NoteAnswer(told Access, haltsBefore int) Access {
	if g.halts != haltsBefore {
		told = Paused
		g.AskLook()
	}
	g.access = told
	return told
}

// NoteClaim notes that a claim has looked, and whether it left unread entries in the front stream.
func (g *Gate) NoteClaim(frontLeft bool, now time.Time) { g.looked, g.frontLeft = now, frontLeft }

// NoteLook takes in what a look at many organs has found, which was made at a time, and reports whether a claim has
// to look for itself: where there is work, or another access than before.
func (g *Gate) NoteLook(found Access, work bool, at time.Time) (claim bool) {
	if g.looked.After(at) || g.freshness == looking || g.freshness == askedAgain {
		return false // a claim has looked since
	}
	if work || found != g.access {
		g.AskLook()
		return true
	}
	g.looked = at
	return false
}
