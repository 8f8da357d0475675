package necro

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/environ"
)

// PolicyFromEnv overrides policies by the environment: NECRO_SHOP_BILLING_RETRY=8 is
// WithPolicy("shop.Billing", Retry(8)), and counts over it. A name is NECRO_, the organ's name in
// upper case with an underscore for whatever is no letter or digit, and a key: RETRY, BACKOFF,
// TIMEOUT, CONCURRENCY, BREAKER, ONFAIL, MAXHOPS, ORDER, EXCLUSIVE or PACK. Values are written as
// in annotations; TIMEOUT and BREAKER may be none, EXCLUSIVE is true or false. A variable that
// begins with NECRO_ and says nothing about an organ of the spine, unless another part of the
// framework reads it, as NECRO_REDIS_URL, and a value that cannot be read, are errors of New.
func PolicyFromEnv() Option {
	return func(c *config) error {
		c.env = os.Environ()
		return nil
	}
}

// envKeys reads values by the end of a variable's name: those of environ.Policies.
var envKeys = []struct {
	key  string
	read func(string) (PolicyOption, error)
	want string
}{
	{"RETRY", number(Retry), "a number, as in 8"},
	{"BACKOFF", readBackoff, "two durations, as in 100ms..30s"},
	{"TIMEOUT", readTimeout, "a duration, as in 2s, or none"},
	{"CONCURRENCY", number(Concurrency), "a number, as in 8"},
	{"BREAKER", readBreaker, "failures and a pause, as in 5/30s, or none"},
	{"ONFAIL", word(OnFail, map[string]FailAction{"dead": Dead, "drop": Drop, "halt": Halt}), "dead, drop or halt"},
	{"MAXHOPS", number(MaxHops), "a number, as in 64"},
	{"ORDER", word(Order, map[string]OrderMode{"strict": OrderStrict, "key": OrderKey}), "strict or key"},
	{"EXCLUSIVE", word(Exclusive, map[string]bool{"true": true, "false": false}), "true or false"},
	{"PACK", number(Pack), "a number, as in 16"},
}

// policiesFromEnv reads the variables that are about organs with these names.
func policiesFromEnv(env, organs []string) (map[string][]PolicyOption, error) {
	prefixes := map[string]string{} // by organ
	var errs []error
	for i, organ := range organs {
		prefixes[organ] = environ.Prefix + envName(organ) + "_"
		for _, other := range organs[:i] {
			if prefixes[other] == prefixes[organ] && other != organ {
				errs = append(errs, fmt.Errorf("PolicyFromEnv: %s and %s would have the same variables, %s…", other, organ, prefixes[organ]))
			}
		}
	}
	policies := map[string][]PolicyOption{}
	for _, assignment := range slices.Sorted(slices.Values(env)) {
		name, value, _ := strings.Cut(assignment, "=")
		if !strings.HasPrefix(name, environ.Prefix) || slices.Contains(environ.Names(), name) {
			continue
		}
		organ, option, err := readPolicy(name, value, prefixes)
		errs = append(errs, err)
		policies[organ] = append(policies[organ], option)
	}
	return policies, errors.Join(errs...)
}

// readPolicy reads one variable.
func readPolicy(name, value string, prefixes map[string]string) (organ string, option PolicyOption, err error) {
	for organ, prefix := range prefixes {
		for _, k := range envKeys {
			if name != prefix+k.key {
				continue
			}
			option, err := k.read(strings.TrimSpace(value))
			if err == nil {
				err = option.check
			}
			if err != nil {
				err = fmt.Errorf("PolicyFromEnv: %s=%s: need %s", name, value, k.want)
			}
			return organ, option, err
		}
	}
	return "", PolicyOption{}, unknownEnv(name, slices.Sorted(maps.Values(prefixes)))
}

// unknownEnv names the variable that was probably meant, and else what there is.
func unknownEnv(name string, prefixes []string) error {
	keys, known := environ.Policies(), environ.Names()
	for _, prefix := range prefixes {
		for _, key := range keys {
			known = append(known, prefix+key)
		}
	}
	hint := environ.Hint(name, known)
	switch {
	case hint != "":
	case len(prefixes) == 0:
		hint = ", which has none"
	default:
		hint = fmt.Sprintf(": variables begin with %s…, and end with %s", strings.Join(prefixes, "…, "), strings.Join(keys, ", "))
	}
	return fmt.Errorf("PolicyFromEnv: %s is about no organ of this spine%s", name, hint)
}

// envName is an organ's name as a part of a variable's.
func envName(organ string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, strings.ToUpper(organ))
}

func number(option func(int) PolicyOption) func(string) (PolicyOption, error) {
	return func(s string) (PolicyOption, error) {
		n, err := strconv.Atoi(s)
		return option(n), err
	}
}

func word[V any](option func(V) PolicyOption, words map[string]V) func(string) (PolicyOption, error) {
	return func(s string) (PolicyOption, error) {
		v, ok := words[s]
		if !ok {
			return PolicyOption{}, errors.New("unknown")
		}
		return option(v), nil
	}
}

func readBackoff(s string) (PolicyOption, error) {
	from, to, _ := strings.Cut(s, "..")
	shortest, err1 := time.ParseDuration(from)
	longest, err2 := time.ParseDuration(to)
	return Backoff(shortest, longest), errors.Join(err1, err2)
}

func readTimeout(s string) (PolicyOption, error) {
	if s == "none" {
		return Timeout(0), nil
	}
	d, err := time.ParseDuration(s)
	return Timeout(d), err
}

func readBreaker(s string) (PolicyOption, error) {
	if s == "none" {
		return Breaker(0, 0), nil
	}
	count, pause, _ := strings.Cut(s, "/")
	n, err1 := strconv.Atoi(count)
	d, err2 := time.ParseDuration(pause)
	return Breaker(n, d), errors.Join(err1, err2)
}
