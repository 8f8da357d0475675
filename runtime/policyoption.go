package necro

import (
	"errors"
	"fmt"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// PolicyOption overrides one key of an organ's policy at run time, for all its handlers.
type PolicyOption struct {
	set   func(*contract.Policy)
	check error
}

// Retry sets the number of attempts in all; at least 1.
func Retry(attempts int) PolicyOption {
	return PolicyOption{func(p *contract.Policy) { p.Retry = attempts }, atLeast("Retry", attempts, 1)}
}

// Backoff bounds the delay before a retry. 0 < shortest <= longest.
func Backoff(shortest, longest time.Duration) PolicyOption {
	var err error
	if shortest <= 0 || longest < shortest {
		err = fmt.Errorf("Backoff(%s, %s): need 0 < shortest <= longest", shortest, longest)
	}
	return PolicyOption{func(p *contract.Policy) { p.BackoffMin, p.BackoffMax = shortest, longest }, err}
}

// Timeout bounds one attempt; 0 is none.
func Timeout(d time.Duration) PolicyOption {
	var err error
	if d < 0 {
		err = fmt.Errorf("Timeout(%s): need 0 or more", d)
	}
	return PolicyOption{func(p *contract.Policy) { p.Timeout = d }, err}
}

// Concurrency sets how many handlers of the organ run at a time; at least 1.
func Concurrency(n int) PolicyOption {
	return PolicyOption{func(p *contract.Policy) { p.Concurrency = n }, atLeast("Concurrency", n, 1)}
}

// Breaker pauses the organ in this process for pause after so many failures in a row;
// 0 failures is no breaker.
func Breaker(failures int, pause time.Duration) PolicyOption {
	var err error
	if failures < 0 || failures > 0 && pause <= 0 {
		err = fmt.Errorf("Breaker(%d, %s): need at least 0 failures and a pause over 0", failures, pause)
	}
	return PolicyOption{func(p *contract.Policy) { p.BreakerCount, p.BreakerPause = failures, pause }, err}
}

// Rate bounds how many attempts of the organ begin in a period, over all processes; 0 is no bound.
func Rate(count int, per time.Duration) PolicyOption {
	var err error
	if count < 0 || count > 0 && per <= 0 {
		err = fmt.Errorf("Rate(%d, %s): need at least 0 attempts and a period over 0", count, per)
	}
	return PolicyOption{func(p *contract.Policy) { p.RateCount, p.RatePer = count, per }, err}
}

// OnFail says what becomes of a delivery that is given up.
func OnFail(action contract.FailAction) PolicyOption {
	var err error
	if action < Dead || action > Halt {
		err = fmt.Errorf("OnFail(%d): need Dead, Drop or Halt", action)
	}
	return PolicyOption{func(p *contract.Policy) { p.OnFail = action }, err}
}

// MaxHops sets the highest number of hops at which an event is still handled; at least 1.
func MaxHops(n int) PolicyOption {
	return PolicyOption{func(p *contract.Policy) { p.MaxHops = n }, atLeast("MaxHops", n, 1)}
}

// Order says what a failing delivery holds back.
func Order(mode contract.OrderMode) PolicyOption {
	var err error
	if mode < OrderFirstAttempts || mode > OrderStrict {
		err = fmt.Errorf("Order(%d): need OrderFirstAttempts, OrderKey or OrderStrict", mode)
	}
	return PolicyOption{func(p *contract.Policy) { p.Order = mode }, err}
}

// Exclusive says whether one process at a time runs the organ.
func Exclusive(on bool) PolicyOption {
	return PolicyOption{func(p *contract.Policy) { p.Exclusive = on }, nil}
}

// Lanes sets over how many lanes the deliveries of an organ with order=key or a state are spread; 1 to 256.
func Lanes(n int) PolicyOption {
	err := atLeast("Lanes", n, 1)
	if n > contract.MaxLanes {
		err = fmt.Errorf("Lanes(%d): need at most %d", n, contract.MaxLanes)
	}
	return PolicyOption{func(p *contract.Policy) { p.Lanes = n }, err}
}

// Pack bounds the events that a backend may store in one entry; at least 1, which turns
// packing off.
func Pack(n int) PolicyOption {
	return PolicyOption{func(p *contract.Policy) { p.Pack = n }, atLeast("Pack", n, 1)}
}

// Prefetch bounds the deliveries that a process has fetched and not started; at least 1.
func Prefetch(n int) PolicyOption {
	return PolicyOption{func(p *contract.Policy) { p.Prefetch = n }, atLeast("Prefetch", n, 1)}
}

// Batch says how many events a batch handler gets together at most, from 1 to 10,000, and how long the first of them waits for
// the others. A count of 0 hands out one at a time.
func Batch(n int, wait time.Duration) PolicyOption {
	var err error
	if n < 0 || n > 10_000 || n > 0 && wait <= 0 {
		err = fmt.Errorf("Batch(%d, %s): need a count from 0 to 10000 and a wait above 0", n, wait)
	}
	return PolicyOption{func(p *contract.Policy) { p.BatchCount, p.BatchWait = n, wait }, err}
}

func atLeast(name string, n, least int) error {
	if n < least {
		return fmt.Errorf("%s(%d): need at least %d", name, n, least)
	}
	return nil
}

// applyPolicyOptions applies overrides to a policy.
func applyPolicyOptions(p *contract.Policy, options []PolicyOption) {
	for _, o := range options {
		if o.set != nil {
			o.set(p)
		}
	}
}

// checkPolicy reports the faults of an organ's overrides, and of the policy that results.
func checkPolicy(p contract.Policy, overrides []PolicyOption) error {
	var errs []error
	for _, o := range overrides {
		errs = append(errs, o.check)
	}
	if p.Order == OrderStrict && p.Concurrency > 1 {
		errs = append(errs, fmt.Errorf("order=strict with concurrency %d: strict order needs concurrency 1", p.Concurrency))
	}
	return errors.Join(errs...)
}
