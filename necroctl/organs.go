package necroctl

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/user"
	"time"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/internal/spelling"
	"github.com/necrostack/necrogen/runtime/contract"
)

// organ is a row of organs.
type organ struct {
	Organ       string  `json:"organ"`
	State       string  `json:"state"`
	Ready       int     `json:"ready"`
	Leased      int     `json:"leased"`
	Scheduled   int     `json:"scheduled"`
	Dead        int     `json:"dead"`
	DeadBytes   int64   `json:"dead_bytes"`
	Consumers   int     `json:"consumers"`
	LagSeconds  float64 `json:"lag_seconds"`  // age of the oldest ready event
	HeldSeconds float64 `json:"held_seconds"` // since a lease was given or renewed, the longest
	Paused      string  `json:"paused,omitempty"`

	OpenBreakers int    `json:"open_breakers,omitempty"` // processes whose breaker is open
	Breaker      string `json:"breaker,omitempty"`       // the one of these that opened first
	health       contract.OrganHealth
}

func organOf(h contract.OrganHealth) organ {
	o := organ{
		Organ: h.Organ, State: operate.OrganState(h), Ready: h.Ready, Leased: h.Leased, Scheduled: h.Scheduled, Dead: h.Dead,
		DeadBytes: h.DeadBytes, Consumers: h.Consumers, LagSeconds: seconds(h.Oldest), HeldSeconds: seconds(h.OldestLeased),
		Paused: h.Paused, OpenBreakers: h.OpenBreakers, health: h,
	}
	if h.OpenBreakers > 0 {
		o.Breaker = h.Breaker.String()
	}
	return o
}

// whyStopped returns why an organ does not go on: it is paused, or breakers are open.
func (o organ) whyStopped() string {
	if o.State == operate.Breaking {
		return fmt.Sprintf("breaker of %d of %d consumers: %s", o.OpenBreakers, o.Consumers, o.Breaker)
	}
	return o.Paused
}

func (r *run) listOrgans([]string) int {
	health := r.backend.Health(r.ctx)
	if health.Err != nil {
		return r.tellFailure(health.Err)
	}
	var list []organ
	for _, h := range health.Organs {
		list = append(list, organOf(h))
	}
	return printRows(r, list, "ORGAN STATE READY LEASED SCHEDULED DEAD CONSUMERS LAG PAUSED", func(o organ) []any {
		return []any{o.Organ, o.State, o.Ready, o.Leased, o.Scheduled, o.Dead, o.Consumers, operate.FormatAge(o.health.Oldest), o.whyStopped()}
	})
}

// wantOrgan returns an error for an unknown organ, because a misspelt name must not become a setting without
// effect.
func (r *run) wantOrgan(name string) error {
	names, err := r.organNames()
	if err != nil {
		return err
	}
	for _, have := range names {
		if have == name {
			return nil
		}
	}
	return missingError("organ", name, spelling.Nearest(name, names), names)
}

// adminOf returns the backend as what changes an organ, which it knows.
func (r *run) adminOf(organ string) (contract.Admin, error) {
	b, err := backendAs[contract.Admin](r)
	if err == nil {
		err = r.wantOrgan(organ)
	}
	return b, err
}

func (r *run) organNames() (names []string, err error) {
	health := r.backend.Health(r.ctx)
	for _, h := range health.Organs {
		names = append(names, h.Organ)
	}
	return names, health.Err
}

func pauseFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.reason, "reason", "paused with necroctl", "a `text` for those who find the organ paused; the user and the time are added")
}

// pauseOrgan pauses an organ. The reason that is stored says who did it, and when.
func (r *run) pauseOrgan(words []string) int {
	b, err := r.adminOf(words[0])
	if err == nil {
		err = b.Pause(r.ctx, words[0], fmt.Sprintf("%s (by %s, %s)", r.reason, operatorName(), time.Now().UTC().Format(time.RFC3339)))
	}
	if err != nil {
		return r.tellFailure(err)
	}
	fmt.Fprintf(r.out, "paused %s\n", words[0])
	return ExitDone
}

// operatorName returns the name of the user who runs the command.
func operatorName() string {
	name := cmp.Or(os.Getenv("USER"), os.Getenv("USERNAME"))
	if u, err := user.Current(); err == nil && name == "" {
		name = u.Username
	}
	return cmp.Or(name, "an unknown user")
}

// resumeOrgan ends the pauses of an organ, and tells which one that was.
func (r *run) resumeOrgan(words []string) int {
	b, err := r.adminOf(words[0])
	if err != nil {
		return r.tellFailure(err)
	}
	health := r.backend.Health(r.ctx)
	if health.Err != nil {
		return r.tellFailure(health.Err)
	}
	if err := b.Resume(r.ctx, words[0]); err != nil {
		return r.tellFailure(err)
	}
	for _, h := range health.Organs {
		if h.Organ == words[0] && h.Paused != "" {
			fmt.Fprintf(r.out, "resumed %s, which was paused: %s\n", h.Organ, operate.OneLine(h.Paused))
			return ExitDone
		}
	}
	fmt.Fprintf(r.out, "%s was not paused\n", words[0])
	return ExitDone
}
