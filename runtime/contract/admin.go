package contract

import (
	"context"
	"fmt"
	"time"
)

// Admin is what an operator does with a backend. All of a backend's Admin methods may be
// called concurrently with everything else. For an organ that is not known they return an error
// that is ErrNoOrgan.
type Admin interface {
	// DeadLetters lists at most limit dead letters of an organ, oldest first, behind the
	// one with the id after (zero: from the start). That one may have been redriven or
	// discarded since it was listed, so that a page can be worked off before the next is
	// asked for: a backend knows the places of the last 10,000 that went at least. An id that
	// it does not know is an error.
	DeadLetters(ctx context.Context, organ string, after ID, limit int) ([]DeadLetter, error)
	// Redrive stores dead letters again, with no attempts spent, and reports how many.
	Redrive(ctx context.Context, organ string, ids ...ID) (int, error)
	// Discard forgets dead letters, and reports how many.
	Discard(ctx context.Context, organ string, ids ...ID) (int, error)
	// Pause stops deliveries to an organ in all processes, until Resume.
	Pause(ctx context.Context, organ, reason string) error
	Resume(ctx context.Context, organ string) error
	// RemoveOrgan forgets an organ that has no consumers, with everything stored for it.
	RemoveOrgan(ctx context.Context, organ string) error
}

// LetterEditor is an Admin that stores a dead letter again with another payload.
type LetterEditor interface {
	Admin
	// RedriveEdited takes the dead letter with this id out and stores m in its place, for this organ alone, as one step. It reports
	// whether the letter was there; without it nothing is stored. m passes [CheckEdited].
	RedriveEdited(ctx context.Context, organ string, id ID, m *Message) (bool, error)
}

// CheckEdited refuses a message that cannot take the place of the dead letter with this id: one without an id of its own, by which
// its emissions are told from those of the letter, or without a payload, or one that is more than a payload and its envelope.
func CheckEdited(id ID, m *Message) error {
	if m.ID.IsZero() || m.ID == id || m.Payload == nil || m.Event != nil || m.Due != 0 || m.Once || m.Unique != 0 {
		return fmt.Errorf("edit the dead letter %s: the event in its place needs an id of its own and a payload, and is neither delayed nor unique", id)
	}
	return m.Check()
}

// DeadLetter is a delivery that was given up, kept with its reason.
type DeadLetter struct {
	// ID names the dead letter in its organ, for Redrive and Discard: the delivery id.
	ID    ID
	Organ string
	// Message is the event with its envelope. Payload holds the raw bytes.
	Message Message
	// Attempts counts the failed attempts before the last one.
	Attempts int
	Death
	// Time is when it was given up.
	Time time.Time
}
