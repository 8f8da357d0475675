package service

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/environ"
	"github.com/necrostack/necrogen/internal/spelling"
	necro "github.com/necrostack/necrogen/runtime"
)

// settings is what the environment says.
type settings struct {
	backendURL     string
	organs         []string // names of those that run; nil for all
	httpAddr       string   // addresses are empty for a part that does not listen
	adminAddr      string
	consoleAddr    string
	consoleUsers   string
	consoleActions bool
	traceRatio     float64 // less than 0 leaves it to the provider's sampler
	drainDelay     time.Duration
	grace          time.Duration
}

// setting is a row of the table of variables, from which docs/service.md is made.
type setting struct {
	name, fallback, does string
	read                 func(s *settings, value string) error
}

// table has a row for each variable, in the order of the document.
var table = []setting{
	{environ.BackendURL, "memory", "the backend: `memory`, `sqlite:FILE`, `postgres://…`, `redis://…`; not read where the program brings its own",
		func(s *settings, value string) error { s.backendURL = value; return nil }},
	{environ.Organs, "", "names of the organs that this process runs, with commas in between; empty for all, `none` for a process that only publishes", (*settings).readOrgans},
	{environ.HTTPAddr, ":8080", "where the service itself listens, if it serves anything; `none` is nowhere",
		func(s *settings, value string) error { s.httpAddr = addressOf(value); return nil }},
	{environ.AdminAddr, ":8081", "where `/livez`, `/readyz`, `/metrics` and `/topology` are; `none` is nowhere",
		func(s *settings, value string) error { s.adminAddr = addressOf(value); return nil }},
	{environ.ConsoleAddr, "127.0.0.1:8088", "where the [console](console.md) is; `none` is nowhere. Beyond the loopback interface it needs users",
		func(s *settings, value string) error { s.consoleAddr = addressOf(value); return nil }},
	{environ.ConsoleUsers, "", "a file of those who may see the console, as `htpasswd -nB NAME` prints them",
		func(s *settings, value string) error { s.consoleUsers = value; return nil }},
	{environ.ConsoleActions, "false", "`true` lets everybody who sees the console act in it",
		func(s *settings, value string) (err error) { s.consoleActions, err = readBool(value); return err }},
	{environ.TraceRatio, "", "the share of chains that are traced, from 0 to 1, the same for all processes; empty leaves it to the sampler of the program",
		(*settings).readRatio},
	{environ.DrainDelay, "0s", "how long a stopping process still takes requests while `/readyz` says 503: longer than whoever sends them takes to see it",
		func(s *settings, value string) (err error) { s.drainDelay, err = readDuration(value, 0); return err }},
	{environ.Grace, "15s", "how long requests, and then handlers, may take to end after that",
		func(s *settings, value string) (err error) { s.grace, err = readDuration(value, 1); return err }},
}

// readSettings reads the environment, and reports all mistakes at once.
func readSettings(getenv func(string) string) (s settings, err error) {
	var errs []error
	for _, row := range table {
		value := strings.TrimSpace(getenv(row.name))
		if value == "" {
			value = row.fallback
		}
		if err := row.read(&s, value); err != nil {
			errs = append(errs, fmt.Errorf("%s=%s: %w", row.name, value, err))
		}
	}
	return s, errors.Join(errs...)
}

// checkEnvironment finds variables that are slips of those of the table.
func checkEnvironment() error {
	var errs []error
	for _, prefix := range []string{"HTTP_", "ADMIN_", "CONSOLE_", "TRACE_", "DRAIN_"} {
		errs = append(errs, environ.Check(os.Environ(), environ.Prefix+prefix))
	}
	return errors.Join(errs...)
}

func (s *settings) readOrgans(value string) error {
	switch value {
	case "":
	case "none":
		s.organs = []string{}
	default:
		for name := range strings.SplitSeq(value, ",") {
			s.organs = append(s.organs, strings.TrimSpace(name))
		}
	}
	return nil
}

func (s *settings) readRatio(value string) (err error) {
	if s.traceRatio = -1; value == "" {
		return nil
	}
	s.traceRatio, err = strconv.ParseFloat(value, 64)
	if err != nil || !(s.traceRatio >= 0 && s.traceRatio <= 1) {
		return errors.New("need a number from 0 to 1, as in 0.01")
	}
	return nil
}

func addressOf(value string) string {
	if value == "none" {
		return ""
	}
	return value
}

func readBool(value string) (bool, error) {
	if value != "true" && value != "false" {
		return false, errors.New("need true or false")
	}
	return value == "true", nil
}

func readDuration(value string, least time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d < least {
		return 0, errors.New("need a duration, as in 15s")
	}
	return d, nil
}

// chooseOrgans returns the organs of the program that this process runs.
func (s *settings) chooseOrgans(all []necro.Organ) ([]necro.Organ, error) {
	if s.organs == nil {
		return all, nil
	}
	var names []string
	byName := map[string]necro.Organ{}
	for _, o := range all {
		name := o.NecroOrgan().Name
		names, byName[name] = append(names, name), o
	}
	var chosen []necro.Organ
	var errs []error
	for i, name := range s.organs {
		organ, known := byName[name]
		switch {
		case !known:
			errs = append(errs, fmt.Errorf("%s: the program has no organ %q%s; there are %s", environ.Organs, name, hint(name, names), strings.Join(names, ", ")))
		case slices.Contains(s.organs[:i], name):
			errs = append(errs, fmt.Errorf("%s: the organ %s is there twice", environ.Organs, name))
		default:
			chosen = append(chosen, organ)
		}
	}
	return chosen, errors.Join(errs...)
}

func hint(name string, known []string) string {
	if near := spelling.Nearest(name, known); near != "" {
		return ": did you mean " + near + "?"
	}
	return ""
}

// backendScheme returns what may be told of the backend's URL. The rest may hold a password, and so may a text that is no URL.
func (s *settings) backendScheme() string {
	scheme, _, hasRest := strings.Cut(s.backendURL, ":")
	isScheme := strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz") == ""
	if isScheme && hasRest || scheme == "memory" {
		return scheme
	}
	return "unreadable"
}

// logSettings tells what the process runs with. own says that the program brings its backend.
func (s *settings) logSettings(log *slog.Logger, own bool) {
	backend := "of the program"
	if !own {
		backend = s.backendScheme()
	}
	log.Info("the service starts", "backend", backend, "drain_delay", s.drainDelay, "grace", s.grace)
}
