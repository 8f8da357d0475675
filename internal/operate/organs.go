package operate

import "github.com/necrostack/necrogen/runtime/contract"

// Breaking is the state of an organ whose breaker is open in some process while deliveries wait.
const Breaking = "breaking"

// OrganState returns the state of an organ in one word.
func OrganState(h contract.OrganHealth) string {
	waiting := h.Ready + h.Leased + h.Scheduled
	switch {
	case h.Paused != "":
		return "paused"
	case h.OpenBreakers > 0 && waiting > 0: // else the breaker closes, or not, with the next delivery
		return Breaking
	case h.Consumers > 0:
		return "running"
	case waiting > 0:
		return "abandoned"
	}
	return "idle"
}
