package necro

import (
	"fmt"
	"slices"

	"github.com/necrostack/necrogen/runtime/contract"
)

// adaptToLanes refuses lanes that contradict the rest of the policy, and leaves them out where the backend keeps none. An
// organ with state that has no lanes runs in one process at a time, because two must not work on a key. So does one that handles
// commands with undos and was meant to have lanes, because an undo must not overtake its command.
func (s *Spine) adaptToLanes(spec *contract.OrganSpec, policy *contract.Policy) error {
	meant := policy.Lanes > 1 || spec.Policy.Lanes > 1
	if policy.Lanes > 1 {
		switch {
		case policy.Exclusive:
			return fmt.Errorf("lanes=%d with exclusive: an exclusive organ is one lane, so leave one of the two out", policy.Lanes)
		case policy.Order == OrderStrict:
			return fmt.Errorf("lanes=%d with order=strict: strict order is one lane, so leave one of the two out, or use order=key", policy.Lanes)
		case policy.Order != OrderKey:
			return fmt.Errorf("lanes=%d without order: lanes keep the order of keys, so add order=key, or leave lanes out", policy.Lanes)
		case !s.keepsLanes:
			s.engine.Log.Info("organ runs without lanes, because the backend keeps none: "+orderWithoutLanes(spec), "organ", spec.Name, "lanes", policy.Lanes)
			policy.Lanes = 1
		}
	}
	if policy.Lanes <= 1 && (spec.State != nil || meant && takesBack(spec)) {
		policy.Exclusive = true
	}
	return nil
}

// orderWithoutLanes says what takes the place of lanes.
func orderWithoutLanes(spec *contract.OrganSpec) string {
	if spec.State != nil || takesBack(spec) {
		return "one process at a time runs it"
	}
	return "each process keeps the order of the keys of what it fetches"
}

// takesBack reports whether an organ handles a command that has an undo.
func takesBack(spec *contract.OrganSpec) bool {
	return slices.ContainsFunc(spec.Routes, func(r contract.Route) bool { return r.Event != nil && r.Event.Undo != "" })
}
