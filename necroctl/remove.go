package necroctl

import (
	"flag"
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
)

func removeFlags(o *options, flags *flag.FlagSet) { confirmFlags(o, flags) }

// removeOrgan prints how much is stored for the organ, and removes it when that is confirmed.
func (r *run) removeOrgan(words []string) int {
	b, err := r.adminOf(words[0])
	if err != nil {
		return r.tellFailure(err)
	}
	health := r.backend.Health(r.ctx)
	if health.Err != nil {
		return r.tellFailure(health.Err)
	}
	var h contract.OrganHealth
	for _, o := range health.Organs {
		if o.Organ == words[0] {
			h = o
		}
	}
	if h.Consumers > 0 { // a dry run says what the run would
		return r.tellFailure(fmt.Errorf("organ %s has %d consumers: stop them first", words[0], h.Consumers))
	}
	what := fmt.Sprintf("remove organ %s with %d deliveries and %s", words[0], h.Ready+h.Leased+h.Scheduled, letterCount(h.Dead))
	if !r.confirmAction(what) {
		return r.exitUnconfirmed()
	}
	return r.exitCode(b.RemoveOrgan(r.ctx, words[0]))
}
