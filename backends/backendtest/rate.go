package backendtest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

var rateTests = []test{
	{"TokensAreSharedByAllProcesses", tokensAreShared},
	{"TokensComeBack", tokensComeBack},
}

var spineRateTests = []test{
	{"RateHoldsOverAllProcesses", rateHolds},
	{"RateSurvivesTrouble", rateSurvivesTrouble},
	{"LackingRatesAreRefused", lackingRatesAreRefused},
}

// slowly is a rate of which two tokens are saved up, and another one comes after a time that no test takes.
var slowly = contract.Rate{Count: 20, Per: 10 * time.Hour}

// rating returns the backend as one that keeps rates.
func (e *env) rating(b contract.Backend) contract.RatingBackend {
	e.Helper()
	return asTrait[contract.RatingBackend](e, b, Rates)
}

// takes takes tokens of an organ, and wants to get so many.
func (e *env) takes(b contract.RatingBackend, organ string, r contract.Rate, n, want int) (wait time.Duration) {
	e.Helper()
	taken, wait, err := b.TakeTokens(e.ctx, organ, r, n)
	e.ok(err, "take tokens")
	same(e, "tokens of "+organ, taken, want)
	if (taken == 0) != (wait > 0) || wait > r.Per {
		e.Errorf("%d tokens of %s, and the next one in %v", taken, organ, wait)
	}
	return wait
}

// tokensAreShared: a tenth of them is there at first, for all processes together, and each organ has its own.
func tokensAreShared(e *env) {
	one := e.rating(e.open())
	other := e.rating(e.attachProcess(one))
	e.takes(one, "a", contract.Rate{Count: 100, Per: 50 * time.Hour}, 4, 4)
	e.takes(other, "a", contract.Rate{Count: 100, Per: 50 * time.Hour}, 50, 6)
	if wait := e.takes(one, "a", contract.Rate{Count: 100, Per: 50 * time.Hour}, 1, 0); wait < 20*time.Minute || wait > 30*time.Minute {
		e.Errorf("the next token comes in %v, want half an hour", wait)
	}
	e.takes(other, "a", contract.Rate{Count: 100, Per: 50 * time.Hour}, 1, 0)
	e.takes(other, "b", slowly, 5, 2)
}

// tokensComeBack when the backend said so.
func tokensComeBack(e *env) {
	b := e.rating(e.open())
	rate := contract.Rate{Count: 1, Per: 4 * e.h.Unit}
	for range 3 {
		e.until("there is a token", func() bool {
			taken, wait, err := b.TakeTokens(e.ctx, "a", rate, 1)
			e.ok(err, "take a token")
			if taken == 0 {
				e.wait(wait)
			}
			return taken == 1
		})
	}
}

// ratedOrgan is an organ with a rate, all of whose attempts fail.
func ratedOrgan(e *env, attempts *atomic.Int64) contract.Organ {
	policy := e.policy()
	policy.RateCount, policy.RatePer = slowly.Count, slowly.Per
	return newOrgan("all", policy, on(func(context.Context, *eventA, emit) error {
		attempts.Add(1)
		return errors.New("it fails")
	}))
}

// rateHolds for the attempts of all processes. A delivery without a token waits in the backend, for any process that gets
// one.
func rateHolds(e *env) {
	b := e.open()
	e.rating(b)
	var attempts atomic.Int64
	s := e.spine(b, organs(ratedOrgan(e, &attempts)))
	e.bindOrgans(s)
	e.sendA(s, 1, 10)
	p, q := e.run(s), e.run(e.spine(e.attachProcess(b), organs(ratedOrgan(e, &attempts))))
	e.until("the tokens are spent", func() bool { return attempts.Load() >= 2 })
	e.until("the others wait in the backend", func() bool { return e.health(b, "all").Leased == 0 })
	e.wait(e.units(4))
	same(e, "attempts", attempts.Load(), 2)
	same(e, "stored", stored(e.health(b, "all")), 10)
	p.stop()
	q.stop()
}

// rateSurvivesTrouble: an attempt waits until it can be counted.
func rateSurvivesTrouble(e *env) {
	inner := e.open()
	e.rating(inner)
	f := NewFaulty(inner, Plan{})
	var attempts atomic.Int64
	s := e.spine(f, organs(ratedOrgan(e, &attempts)))
	e.bindOrgans(s)
	e.sendA(s, 1, 10)
	f.Next(OpTake, Refused, Cancelled, Refused)
	p := e.run(s)
	e.until("the tokens are spent", func() bool { return attempts.Load() == 2 })
	p.stop()
}

// lackingRatesAreRefused when the spine is made, with a word of the organ and of the backend.
func lackingRatesAreRefused(e *env) {
	var attempts atomic.Int64
	lacking := struct{ contract.Backend }{e.open()}
	_, err := necro.New(lacking, necro.WithOrgans(ratedOrgan(e, &attempts)), necro.WithLogger(nil))
	if err == nil || !strings.Contains(err.Error(), "organ all: rate=20/10h0m0s") || !strings.Contains(err.Error(), "keeps no rates") {
		e.Errorf("new spine: %v", err)
	}
}
