package topology

import (
	"fmt"
	"io"
	"time"
)

// snapshotKind is the kind of a file that describes a running system, and snapshotFormat the version of its form.
const (
	snapshotKind   = "necrostack snapshot"
	snapshotFormat = 1
)

// Snapshot is what a running system had bound and stored, without payloads and keys.
type Snapshot struct {
	Kind   string    `json:"kind"`
	Format int       `json:"format"`
	Taken  time.Time `json:"taken"`
	// Looked is how many stored events it has counted, of Total that there were; StatesCut says that there were more records of states than it
	// has counted, and Uncounted is how many events it has looked at and has no room to tell apart.
	Looked    int  `json:"looked"`
	Total     int  `json:"total"`
	Cut       bool `json:"cut,omitempty"`
	StatesCut bool `json:"states_cut,omitempty"`
	Uncounted int  `json:"uncounted,omitempty"`
	// KeepsLanes says that the backend spreads the deliveries of an organ over lanes.
	KeepsLanes bool `json:"keeps_lanes,omitempty"`

	Organs    []BoundOrgan    `json:"organs"`
	Stored    []StoredEvents  `json:"stored"`
	States    []StoredStates  `json:"states"`
	Schedules []BoundSchedule `json:"schedules"`
}

// BoundOrgan is an organ that the backend knows.
type BoundOrgan struct {
	Name      string   `json:"name"`               // the one that was bound last
	Identity  string   `json:"identity,omitempty"` // the one that was bound first, where it is another
	Consumers int      `json:"consumers"`
	Waiting   int      `json:"waiting"`
	Scheduled int      `json:"scheduled"`
	Dead      int      `json:"dead"`
	Events    []string `json:"events"` // names that the organ is bound to
	// Policy is the order, as annotations write it, under which all processes run the organ; nil where the backend does not tell.
	Policy *BoundPolicy `json:"policy,omitempty"`
}

// BoundPolicy is the order of a bound organ.
type BoundPolicy struct {
	Order     string `json:"order,omitempty"` // key or strict
	Exclusive bool   `json:"exclusive,omitempty"`
	Lanes     int    `json:"lanes,omitempty"`
}

// StoredEvents are stored events that a release reads alike.
type StoredEvents struct {
	Organ   string    `json:"organ,omitempty"` // empty for delayed and parked events
	Event   string    `json:"event"`
	Version int       `json:"version"`
	Place   string    `json:"place"` // one of the constants that begin with Place
	Count   int       `json:"count"`
	Oldest  time.Time `json:"oldest"` // when the first of them was published
}

// The places of stored events, as people count them.
const (
	PlaceWaiting   = "waiting"
	PlaceScheduled = "scheduled"
	PlaceDead      = "dead"
	PlaceParked    = "parked"
)

// StoredStates are records of one version.
type StoredStates struct {
	Organ   string `json:"organ"`
	Version int    `json:"version"`
	Count   int    `json:"count"`
}

// BoundSchedule is a schedule by which an event is published.
type BoundSchedule struct {
	Event string `json:"event"` // the first name of its event
	Every string `json:"every"`
}

// Write writes the snapshot.
func (s *Snapshot) Write(w io.Writer) error { return writeJSON(w, s) }

// check refuses what no system can be.
func (s *Snapshot) check() error {
	if err := checkHead(s.Kind, snapshotKind, s.Format, snapshotFormat); err != nil {
		return err
	}
	for _, o := range s.Organs {
		if o.Name == "" || o.Waiting < 0 || o.Scheduled < 0 || o.Dead < 0 {
			return fmt.Errorf("organ %q: need a name, and counts of 0 or more", o.Name)
		}
	}
	for _, g := range s.Stored {
		if g.Event == "" || g.Count < 1 {
			return fmt.Errorf("stored event %q: need a name, and a count of 1 or more", g.Event)
		}
		switch g.Place {
		case PlaceWaiting, PlaceScheduled, PlaceDead, PlaceParked:
		default:
			return fmt.Errorf("stored event %s: its place is %.40q", g.Event, g.Place)
		}
	}
	for _, g := range s.States {
		if g.Organ == "" || g.Count < 1 {
			return fmt.Errorf("states of organ %q: need a name, and a count of 1 or more", g.Organ)
		}
	}
	return nil
}
