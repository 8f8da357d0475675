package necroprom_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/poll"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/telemetry/necroprom"
)

// watched returns a spine with metrics, and the registry that has them.
func watched(t *testing.T, b necro.Backend, till *Till, options ...necro.Option) (*necro.Spine, *prometheus.Registry) {
	t.Helper()
	metrics := necroprom.NewMetrics()
	s, err := necro.New(b, append(options, necro.WithOrgans(till), necro.WithLogger(nil), metrics.Instrument())...)
	if err != nil {
		t.Fatal(err)
	}
	metrics.Watch(s)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(metrics)
	return s, registry
}

// values gathers all series, by name and labels: "name organ event".
func values(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			key := f.GetName()
			for _, l := range slices.Backward(m.Label) { // they are sorted: event, organ
				key += " " + l.GetValue()
			}
			found[key] = value(m)
		}
	}
	return found
}

func value(m *dto.Metric) float64 {
	if h := m.GetHistogram(); h != nil {
		return float64(h.GetSampleCount())
	}
	return m.GetCounter().GetValue() + m.GetGauge().GetValue()
}

// once fails the first attempt of order 1, and order 2 for good.
func once() *Till {
	failed := false
	return &Till{fails: func(e *Ordered) error {
		if e.N == 2 {
			return necro.Permanent(errors.New("no such customer"))
		}
		if e.N == 1 && !failed {
			failed = true
			return errors.New("not now")
		}
		return nil
	}}
}

func TestMetricsTellWhatASpineDid(t *testing.T) {
	s, registry := watched(t, memory.New(), once(), necro.WithPolicy("necroprom.Till",
		necro.Breaker(0, 0), necro.Backoff(time.Nanosecond, time.Nanosecond)))
	if err := s.PublishBatch(t.Context(), []necro.Event{&Ordered{1}, &Ordered{2}, &Ordered{3}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := values(t, registry)
	for key, want := range map[string]float64{
		"necro_deliveries_handled_total necroprom.Till NECROPROM_ORDERED": 2,
		"necro_deliveries_failed_total necroprom.Till NECROPROM_ORDERED":  2,
		"necro_deliveries_retried_total necroprom.Till NECROPROM_ORDERED": 1,
		"necro_deliveries_dead_total necroprom.Till NECROPROM_ORDERED":    1,
		"necro_events_emitted_total necroprom.Till NECROPROM_ORDERED":     2,
		"necro_handler_duration_seconds necroprom.Till NECROPROM_ORDERED": 4,
		"necro_handlers_in_flight necroprom.Till NECROPROM_ORDERED":       0,
		"necro_events_published_total":                                    3,
		"necro_backend_errors_total":                                      0,
		"necro_backend_up":                                                1,
		"necro_running":                                                   0,
		"necro_organ_dead_letters necroprom.Till":                         1,
		"necro_organ_depth necroprom.Till":                                0,
		"necro_organ_paused necroprom.Till":                               0,
		"necro_breaker_open necroprom.Till":                               0,
	} {
		if n, ok := got[key]; !ok || n != want {
			t.Errorf("%s is %v (%v), want %v", key, n, ok, want)
		}
	}
}

func TestGaugesTellWhatWaitsAndRuns(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	s, registry := watched(t, memory.New(), &Till{fails: func(*Ordered) error {
		started <- struct{}{}
		<-release
		return errors.New("no")
	}})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	if err := s.PublishBatch(ctx, []necro.Event{&Ordered{1}, &Ordered{2}}); err != nil {
		t.Fatal(err)
	}
	go func() { done <- s.Run(ctx) }()
	<-started
	poll.Until(t, "all organs are started", s.Running)
	got := values(t, registry)
	for key, want := range map[string]float64{
		"necro_handlers_in_flight necroprom.Till NECROPROM_ORDERED": 1,
		"necro_organ_depth necroprom.Till":                          2,
		"necro_organ_consumers necroprom.Till":                      1,
		"necro_running":                                             1,
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	if got["necro_organ_oldest_lease_age_seconds necroprom.Till"] <= 0 {
		t.Error("what runs has no age")
	}
	close(release)
	poll.Until(t, "the breaker is open", func() bool { return values(t, registry)["necro_breaker_open necroprom.Till"] == 1 })
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestABackendThatIsDownLeavesGapsAndNoErrors(t *testing.T) {
	down := intercept.New(memory.New(), intercept.Calls{Health: func(context.Context, necro.Backend) contract.Health {
		return contract.Health{Err: errors.New("no route")}
	}})
	_, registry := watched(t, down, once())
	got := values(t, registry)
	if up, ok := got["necro_backend_up"]; !ok || up != 0 {
		t.Errorf("necro_backend_up is %v (%v)", up, ok)
	}
	if _, ok := got["necro_organ_lag necroprom.Till"]; ok {
		t.Error("there is a lag that nobody knows")
	}
	if _, ok := got["necro_breaker_open necroprom.Till"]; !ok {
		t.Error("the breaker of this process is missing")
	}
}

func TestNamesFollowTheConventions(t *testing.T) {
	s, registry := watched(t, memory.New(), once())
	if err := s.PublishBatch(t.Context(), []necro.Event{&Ordered{3}}); err != nil {
		t.Fatal(err)
	}
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("problems %v, error %v", problems, err)
	}
	for name := range maps.Keys(values(t, registry)) {
		if !strings.HasPrefix(name, "necro_") {
			t.Errorf("%s is not under necro_", name)
		}
	}
}
