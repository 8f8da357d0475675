// Package environ has the names of the variables of the environment that the framework reads, all in one place,
// so that a reader of some of them can tell a slip from another program's variable.
package environ

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/policykey"
	"github.com/necrostack/necrogen/internal/spelling"
)

// Prefix begins the names of all variables of ours.
const Prefix = "NECRO_"

// Variables that are no policies of an organ. Names has them all.
const (
	BackendURL     = Prefix + "BACKEND_URL"
	RedisURL       = Prefix + "REDIS_URL"
	RedisPassword  = Prefix + "REDIS_PASSWORD"
	RedisNamespace = Prefix + "REDIS_NAMESPACE"
	LogFormat      = Prefix + "LOG_FORMAT"
	LogLevel       = Prefix + "LOG_LEVEL"

	// Those of a service.
	Organs         = Prefix + "ORGANS"
	HTTPAddr       = Prefix + "HTTP_ADDR"
	AdminAddr      = Prefix + "ADMIN_ADDR"
	ConsoleAddr    = Prefix + "CONSOLE_ADDR"
	ConsoleUsers   = Prefix + "CONSOLE_USERS"
	ConsoleActions = Prefix + "CONSOLE_ACTIONS"
	TraceRatio     = Prefix + "TRACE_RATIO"
	DrainDelay     = Prefix + "DRAIN_DELAY"
	Grace          = Prefix + "GRACE"
)

// Names are the variables that are no policies, sorted.
func Names() []string {
	return []string{AdminAddr, BackendURL, ConsoleActions, ConsoleAddr, ConsoleUsers, DrainDelay, Grace, HTTPAddr, LogFormat, LogLevel,
		Organs, RedisNamespace, RedisPassword, RedisURL, TraceRatio}
}

// Policies are the keys with which variables end that are policies, as in
// NECRO_SHOP_BILLING_RETRY.
func Policies() []string {
	names := make([]string, len(policykey.Table))
	for i, row := range policykey.Table {
		names[i] = strings.ToUpper(row.Name)
	}
	return names
}

// Check wants variables that begin with a prefix, as NECRO_REDIS_, to be known. Those that end as
// policies do may be of an organ: PolicyFromEnv knows.
func Check(env []string, prefix string) error {
	var errs []error
	for _, assignment := range slices.Sorted(slices.Values(env)) {
		name, _, _ := strings.Cut(assignment, "=")
		if strings.HasPrefix(name, prefix) && !slices.Contains(Names(), name) && !IsPolicy(name) {
			errs = append(errs, fmt.Errorf("the environment has %s, which is no setting%s", name, Hint(name, Names())))
		}
	}
	return errors.Join(errs...)
}

// IsPolicy reports whether a name ends as the policies of an organ do.
func IsPolicy(name string) bool {
	return slices.ContainsFunc(Policies(), func(key string) bool { return strings.HasSuffix(name, "_"+key) })
}

// Hint names the variable that was probably meant, if there is one.
func Hint(name string, known []string) string {
	if near := spelling.Nearest(name, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
