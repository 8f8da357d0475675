package health

import (
	"cmp"
	"context"

	necro "github.com/necrostack/necrogen/runtime"
)

// What Status says.
const (
	StatusOK   = "ok"
	StatusFail = "fail"
)

// Report is the body of an answer. Live leaves out what only the backend knows.
type Report struct {
	Status  string   `json:"status"`
	Error   string   `json:"error,omitempty"` // why Status is "fail"
	Running bool     `json:"running"`         // Run or Drain serves
	Backend *Backend `json:"backend,omitempty"`
	Organs  []Organ  `json:"organs"`
	Parked  []Parked `json:"parked,omitempty"`
}

// Backend is where the events wait.
type Backend struct {
	Error      string `json:"error,omitempty"`
	Durability string `json:"durability,omitempty"`
}

// Organ is an organ of this process, with what is stored for it.
type Organ struct {
	Organ       string `json:"organ"`
	BreakerOpen bool   `json:"breaker_open"`
	Abandoned   int    `json:"abandoned"` // handlers that ignore their cancelled context
	Stuck       bool   `json:"stuck"`     // they take all slots
	Stored      *Store `json:"stored,omitempty"`
}

// Store is what the backend holds for an organ, over all processes.
type Store struct {
	Ready     int     `json:"ready"`
	Leased    int     `json:"leased"`
	Scheduled int     `json:"scheduled"`
	Dead      int     `json:"dead"`
	Oldest    float64 `json:"oldest_seconds"` // age of the oldest event that is ready
	Consumers int     `json:"consumers"`
	Paused    string  `json:"paused,omitempty"` // why
}

// Parked counts the events of one name that wait for a first subscriber.
type Parked struct {
	Event   string `json:"event"`
	Parked  int    `json:"parked"`
	Dropped int    `json:"dropped"`
}

func live(spine *necro.Spine) Report {
	r := Report{Status: StatusOK, Running: spine.Running(), Organs: organs(spine.Organs(), nil)}
	for _, o := range r.Organs {
		if o.Stuck {
			r.fail("organ " + o.Organ + " is stuck: handlers that ignore their cancelled context take all its slots")
		}
	}
	return r
}

func ready(ctx context.Context, spine *necro.Spine) Report {
	h := spine.Health(ctx)
	r := Report{
		Status: StatusOK, Running: h.Running, Organs: organs(h.Organs, h.Backend.Organs),
		Backend: &Backend{Error: text(h.Backend.Err), Durability: h.Backend.Durability},
	}
	for _, p := range h.Backend.Parked {
		r.Parked = append(r.Parked, Parked{p.Event, p.Parked, p.Dropped})
	}
	switch {
	case h.Err != nil:
		r.fail(h.Err.Error())
	case !h.Running && len(h.Organs) > 0:
		r.fail("the organs do not run")
	}
	return r
}

// fail keeps the first reason.
func (r *Report) fail(why string) { r.Status, r.Error = StatusFail, cmp.Or(r.Error, why) }

func organs(states []necro.OrganState, stored []necro.OrganHealth) []Organ {
	list := make([]Organ, 0, len(states))
	for _, s := range states {
		o := Organ{Organ: s.Organ, BreakerOpen: s.Open, Abandoned: s.Abandoned, Stuck: s.Stuck}
		for _, h := range stored {
			if s.IsOf(h) {
				o.Stored = &Store{h.Ready, h.Leased, h.Scheduled, h.Dead, h.Oldest.Seconds(), h.Consumers, h.Paused}
			}
		}
		list = append(list, o)
	}
	return list
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
