package necro

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/environ"
	"github.com/necrostack/necrogen/internal/policykey"
	"github.com/necrostack/necrogen/runtime/contract"
)

// PolicyFromEnv overrides policies by the environment: NECRO_SHOP_BILLING_RETRY=8 is
// WithPolicy("shop.Billing", Retry(8)), and counts over it. A name is NECRO_, the organ's name in
// upper case with an underscore for whatever is no letter or digit, and a policy key in upper case. Values are
// written as in annotations; TIMEOUT and BREAKER may be none, EXCLUSIVE is true or false.
//
// Processes may share an environment: a variable of an organ that this process does not run is none
// of its business, and one that looks like a slip is a warning in the log. What can only be a slip is
// an error of New: a value that cannot be read, an unknown key of an organ of the spine, and a
// misspelt name of another variable of the framework, such as NECRO_REDIS_ULR.
//
// others are the organs of the same program that other processes of it run. With at least one of them the program is known as a whole:
// their variables are read as strictly as those of the spine's own organs, and a policy of an organ that is none of them
// is an error, too.
func PolicyFromEnv(others ...Organ) Option {
	return func(c *config) error {
		for i, o := range others {
			if o == nil {
				return fmt.Errorf("PolicyFromEnv: organ %d is nil", i+1)
			}
		}
		c.env, c.others = os.Environ(), others
		return nil
	}
}

// policiesFromEnv reads the variables that are about organs with these names. It returns warnings of
// those that may be slips. complete says that no other process has organs of other names.
func policiesFromEnv(env, organs []string, complete bool) (policies map[string][]PolicyOption, warnings []string, err error) {
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
	policies = map[string][]PolicyOption{}
	for _, assignment := range slices.Sorted(slices.Values(env)) {
		name, value, _ := strings.Cut(assignment, "=")
		if !strings.HasPrefix(name, environ.Prefix) || slices.Contains(environ.Names(), name) {
			continue
		}
		organ, option, err := readPolicy(name, value, prefixes)
		if organ == "" {
			warning, err := foreignEnv(name, slices.Sorted(maps.Values(prefixes)), complete)
			errs = append(errs, err)
			if warning != "" {
				warnings = append(warnings, warning)
			}
			continue
		}
		errs = append(errs, err)
		policies[organ] = append(policies[organ], option)
	}
	return policies, warnings, errors.Join(errs...)
}

// readPolicy reads one variable. It returns no organ for one that is about none of them.
func readPolicy(name, value string, prefixes map[string]string) (organ string, option PolicyOption, err error) {
	for organ, prefix := range prefixes {
		key, found := strings.CutPrefix(name, prefix)
		row := policykey.Lookup(strings.ToLower(key))
		if !found || row == nil || key != strings.ToUpper(key) {
			continue
		}
		v, err := row.ParseSetting(strings.TrimSpace(value))
		if err != nil {
			return organ, PolicyOption{}, fmt.Errorf("PolicyFromEnv: %s=%s: need %s", name, value, row.WantedSetting())
		}
		return organ, PolicyOption{set: func(p *contract.Policy) { setPolicyKey(p, row, v) }}, nil
	}
	return "", PolicyOption{}, nil
}

// foreignEnv judges a variable that is about no organ of the spine: it may be one of another process,
// or a slip, which is told when something is spelt much like it.
func foreignEnv(name string, prefixes []string, complete bool) (warning string, err error) {
	isPolicy := environ.IsPolicy(name)
	var known []string
	for _, prefix := range prefixes {
		if !isPolicy && strings.HasPrefix(name, prefix) {
			return "", fmt.Errorf("PolicyFromEnv: %s has no key of a policy%s: variables of this organ begin with %s and end with %s",
				name, environ.Hint(name, policyNames(prefix)), prefix, strings.Join(environ.Policies(), ", "))
		}
		known = append(known, policyNames(prefix)...)
	}
	if hint := environ.Hint(name, environ.Names()); hint != "" && !isPolicy {
		return "", fmt.Errorf("PolicyFromEnv: %s is about no organ of this spine%s", name, hint)
	}
	hint := environ.Hint(name, known)
	if isPolicy && complete {
		return "", fmt.Errorf("PolicyFromEnv: %s is about no organ of this program%s", name, hint)
	}
	if isPolicy && hint == "" {
		return "", nil
	}
	return fmt.Sprintf("PolicyFromEnv: %s is about no organ of this process%s", name, hint), nil
}

// policyNames are the variables of an organ.
func policyNames(prefix string) []string {
	names := environ.Policies()
	for i, key := range names {
		names[i] = prefix + key
	}
	return names
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
