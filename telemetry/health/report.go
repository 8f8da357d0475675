package health

import (
	"cmp"
	"strings"

	"github.com/necrostack/necrogen/internal/redact"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// What Status says.
const (
	StatusOK   = "ok"
	StatusFail = "fail"
)

// Report is the body of an answer. Live leaves out what only the backend knows. Fields marked as
// details are empty for requests that may not see them.
type Report struct {
	Status    string     `json:"status"`
	Error     string     `json:"error,omitempty"` // why Status is "fail"; without details in general words
	Running   bool       `json:"running"`         // Run or Drain serves
	Backend   *Backend   `json:"backend,omitempty"`
	Organs    []Organ    `json:"organs"`
	Forgotten *Forgotten `json:"forgotten,omitempty"` // nil when nothing is
	Parked    []Parked   `json:"parked,omitempty"`    // a detail
	Unserved  []Organ    `json:"unserved,omitempty"`  // organs that no process runs; a detail

	general string // Error in general words
}

// Backend is where the events wait.
type Backend struct {
	Up         bool   `json:"up"`
	Error      string `json:"error,omitempty"`      // a detail
	Durability string `json:"durability,omitempty"` // a detail
}

// Organ is an organ of this process, with the amount that is stored for it.
type Organ struct {
	Organ       string `json:"organ"`
	BreakerOpen bool   `json:"breaker_open"`
	Abandoned   int    `json:"abandoned"`        // handlers that ignore their cancelled context
	Stuck       bool   `json:"stuck"`            // they take all slots
	Paused      bool   `json:"paused"`           // for all processes
	Stored      *Store `json:"stored,omitempty"` // a detail
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

// Forgotten counts what no process handles.
type Forgotten struct {
	Organs  int `json:"organs"`  // that are bound, and that no process runs
	Parked  int `json:"parked"`  // names of events that wait for a first organ
	Dropped int `json:"dropped"` // names of events of which some were let go, because no process handled them
}

// Parked counts the events of one name that wait for a first subscriber.
type Parked struct {
	Event   string `json:"event"`
	Parked  int    `json:"parked"`
	Dropped int    `json:"dropped"`
}

func liveReport(spine *necro.Spine) Report {
	r := Report{Status: StatusOK, Running: spine.Running(), Organs: organReports(spine.Organs(), nil)}
	r.failIfStuck()
	return r
}

func readyReport(h necro.SpineHealth) Report {
	r := Report{
		Status: StatusOK, Running: h.Running, Organs: organReports(h.Organs, h.Backend.Organs),
		Backend: &Backend{Up: h.Backend.Err == nil, Error: errorText(h.Backend.Err), Durability: h.Backend.Durability},
	}
	r.addForgotten(&h.Backend)
	r.failIfStuck()
	switch {
	case h.Backend.Err != nil:
		r.keepReason("the backend does not answer", errorText(h.Err))
	case h.Err != nil && !r.anyStuck():
		r.keepReason("the last call of the backend failed", errorText(h.Err))
	case !h.Running && len(h.Organs) > 0:
		r.keepReason("the organs do not run", "the organs do not run")
	}
	return r
}

// addForgotten adds what no process handles.
func (r *Report) addForgotten(h *contract.Health) {
	var f Forgotten
	for _, p := range h.Parked {
		r.Parked = append(r.Parked, Parked{p.Event, p.Parked, p.Dropped})
		if p.Parked > 0 {
			f.Parked++
		}
		if p.Dropped > 0 {
			f.Dropped++
		}
	}
	for _, o := range h.Organs {
		if o.Consumers == 0 {
			f.Organs++
			r.Unserved = append(r.Unserved, addStored(Organ{Organ: o.Organ}, &o))
		}
	}
	if f != (Forgotten{}) {
		r.Forgotten = &f
	}
}

// keepReason keeps the first reason of a report, in general words and in its own.
func (r *Report) keepReason(general, why string) {
	r.Status, r.Error, r.general = StatusFail, cmp.Or(r.Error, why), cmp.Or(r.general, general)
}

func (r *Report) failIfStuck() {
	for _, o := range r.Organs {
		if o.Stuck {
			why := "organ " + o.Organ + " is stuck: handlers that ignore their cancelled context take all its slots"
			r.keepReason(why, why)
		}
	}
}

func (r *Report) anyStuck() bool {
	for _, o := range r.Organs {
		if o.Stuck {
			return true
		}
	}
	return false
}

// withoutDetails returns what anybody may see.
func (r Report) withoutDetails() Report {
	r.Error, r.Parked, r.Unserved = r.general, nil, nil
	if r.Backend != nil {
		r.Backend = &Backend{Up: r.Backend.Up}
	}
	for i := range r.Organs {
		r.Organs[i].Stored = nil
	}
	return r
}

func organReports(states []necro.OrganState, health []contract.OrganHealth) []Organ {
	list := make([]Organ, 0, len(states))
	for _, s := range states {
		o := Organ{Organ: s.Organ, BreakerOpen: s.Open, Abandoned: s.Abandoned, Stuck: s.Stuck}
		for i := range health {
			if health[i].Organ == s.Organ {
				o = addStored(o, &health[i])
			}
		}
		list = append(list, o)
	}
	return list
}

// addStored adds what the backend holds for an organ. Why it is paused may be the error of a handler.
func addStored(o Organ, h *contract.OrganHealth) Organ {
	o.Paused = h.Paused != ""
	o.Stored = &Store{h.Ready, h.Leased, h.Scheduled, h.Dead, h.Oldest.Seconds(), h.Consumers, maskText(h.Paused)}
	return o
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return maskText(err.Error())
}

// maskText takes secrets and invalid UTF-8 out of a text.
func maskText(s string) string { return redact.Default.Text(strings.ToValidUTF8(s, "\uFFFD")) }
