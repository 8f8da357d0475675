package contract

import (
	"fmt"
	"strings"
	"time"
)

// Subscription is an organ as a backend sees it.
type Subscription struct {
	Organ   string
	Aliases []string // former names, whose stored deliveries are taken over
	Path    string   // import path; the one bound last is kept, for operators
	// Events are the newest versions of what the organ handles. An organ is bound to their
	// names and their aliases.
	Events []*EventType
	// Emits are the events that the organ may emit, whose identities its emission ids are made of.
	Emits []*EventType
	// Order: with OrderKey a delivery that is to be retried or declined holds back those
	// behind it with its key, with OrderStrict everything behind it, until it is acknowledged
	// or given up. Order, Exclusive and Lanes are what the process wants; a backend may keep those that
	// are bound until no living process wants them (see Binding).
	Order     OrderMode
	Exclusive bool
	// Lanes above 1 spreads the deliveries over so many lanes (see LaneBackend). Only a backend that keeps lanes takes it,
	// together with OrderKey and without Exclusive. 0 and 1 are no lanes.
	Lanes int
	// State says that the organ keeps a record for each key. Only a StatefulBackend takes it.
	State bool
	// Lease is how long a fetched delivery stays ours without Extend. At least 1ms.
	Lease time.Duration
	Pack  int // 0 is the backend's default
	// Prefetch above 0 says that Fetch never asks for more, and that the backend must not read ahead either.
	Prefetch int
	// DeadLimit and DeadBytes bound the dead letters: at the limit the organ pauses. 0 is no
	// limit.
	DeadLimit int
	DeadBytes int64
}

// Check refuses names that no backend takes, a path that names no package, and lanes that contradict the order. Every
// backend's Subscribe calls it.
func (s *Subscription) Check() error {
	if err := checkName("organ", s.Organ); err != nil {
		return err
	}
	for _, alias := range s.Aliases {
		if err := checkName("alias", alias); err != nil {
			return fmt.Errorf("organ %s: %w", s.Organ, err)
		}
	}
	for _, t := range s.Events {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			if err := checkName("event", name); err != nil {
				return fmt.Errorf("organ %s: %w", s.Organ, err)
			}
		}
	}
	if s.Path == "" || strings.ContainsAny(s.Path, unusable) {
		return fmt.Errorf("organ %s: the import path %q is empty or holds a space or an exclamation mark", s.Organ, s.Path)
	}
	return s.checkLanes()
}

// checkLanes refuses numbers of lanes that no backend keeps.
func (s *Subscription) checkLanes() error {
	switch {
	case s.Lanes < 0 || s.Lanes > MaxLanes:
		return fmt.Errorf("organ %s: %d lanes: ask for 0 to %d", s.Organ, s.Lanes, MaxLanes)
	case s.Lanes > 1 && (s.Order != OrderKey || s.Exclusive):
		return fmt.Errorf("organ %s: %d lanes: an organ with lanes is ordered by key, and not exclusive", s.Organ, s.Lanes)
	}
	return nil
}

// What a spine asks of a backend for each of its organs, unless an option says otherwise.
const (
	DefaultLease       = 30 * time.Second
	DefaultDeadLetters = 100_000
	DefaultDeadBytes   = 256 << 20
)

// unusable are the characters that backends write between names.
const unusable = " \t\r\n\x00!"

func checkName(of, name string) error {
	if name == "" || strings.ContainsAny(name, unusable) {
		return fmt.Errorf("the %s name %q is empty, or holds a space or an exclamation mark", of, name)
	}
	return nil
}
