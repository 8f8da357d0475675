package necrotel_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	"github.com/necrostack/necrogen/internal/testkit/poll"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/telemetry/internal/measure"
	"github.com/necrostack/necrogen/telemetry/necrotel"
)

// watched returns a spine of one organ with metrics, and the reader that collects them. What
// the till emits has no subscriber.
func watched(t *testing.T, b necro.Backend, till *Till, options ...necro.Option) (*necro.Spine, *metric.ManualReader, *necrotel.Metrics) {
	t.Helper()
	reader := metric.NewManualReader()
	metrics, err := necrotel.NewMetrics(metric.NewMeterProvider(metric.WithReader(reader)))
	if err != nil {
		t.Fatal(err)
	}
	s, err := necro.New(b, append(options, necro.WithOrgans(till), necro.WithLogger(nil), metrics.Instrument())...)
	if err != nil {
		t.Fatal(err)
	}
	if err := metrics.Watch(s); err != nil {
		t.Fatal(err)
	}
	return s, reader, metrics
}

// collected returns what a reader collects, by name.
func collected(t *testing.T, reader metric.Reader) map[string]metricdata.Metrics {
	t.Helper()
	var data metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	byName := map[string]metricdata.Metrics{}
	for _, scope := range data.ScopeMetrics {
		if scope.Scope.Name != necrotel.Scope {
			t.Errorf("the scope is %q", scope.Scope.Name)
		}
		for _, m := range scope.Metrics {
			byName[m.Name] = m
		}
	}
	return byName
}

// values returns all series, by name and attributes: "name organ event". That of a histogram is
// how many calls it holds.
func values(t *testing.T, reader metric.Reader) map[string]float64 {
	t.Helper()
	found := map[string]float64{}
	put := func(name string, set attribute.Set, value float64) {
		for _, a := range slices.Backward(set.ToSlice()) { // they are sorted: event, organ
			name += " " + a.Value.AsString()
		}
		found[name] = value
	}
	for name, m := range collected(t, reader) {
		switch data := m.Data.(type) {
		case metricdata.Sum[float64]:
			for _, p := range data.DataPoints {
				put(name, p.Attributes, p.Value)
			}
		case metricdata.Gauge[float64]:
			for _, p := range data.DataPoints {
				put(name, p.Attributes, p.Value)
			}
		case metricdata.Sum[int64]:
			for _, p := range data.DataPoints {
				put(name, p.Attributes, float64(p.Value))
			}
		case metricdata.Histogram[float64]:
			for _, p := range data.DataPoints {
				put(name, p.Attributes, float64(p.Count))
			}
		default:
			t.Errorf("%s is a %T", name, data)
		}
	}
	return found
}

// drain publishes orders, and works until nothing is left.
func drain(t *testing.T, s *necro.Spine, orders int) {
	t.Helper()
	for n := range orders {
		if err := s.Publish(t.Context(), &Ordered{n}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// failing returns a till whose calls fail in this order, and succeed from then on.
func failing(errs ...error) *Till {
	return &Till{before: func() (err error) {
		if len(errs) > 0 {
			err, errs = errs[0], errs[1:]
		}
		return err
	}}
}

// soon lets failed attempts run again at once.
func soon() necro.Option {
	return necro.WithPolicy("necrotel.Till", necro.Backoff(time.Nanosecond, time.Nanosecond))
}

func TestMetricsTellWhatASpineDid(t *testing.T) {
	s, reader, _ := watched(t, memory.New(), failing(errors.New("not now"), necro.Permanent(errors.New("no such customer"))), soon())
	drain(t, s, 3)
	got := values(t, reader)
	for key, want := range map[string]float64{
		"necro.deliveries.handled necrotel.Till NECROTEL_ORDERED": 2,
		"necro.deliveries.failed necrotel.Till NECROTEL_ORDERED":  2,
		"necro.deliveries.retried necrotel.Till NECROTEL_ORDERED": 1,
		"necro.deliveries.dead necrotel.Till NECROTEL_ORDERED":    1,
		"necro.events.emitted necrotel.Till NECROTEL_ORDERED":     2,
		"necro.handler.duration necrotel.Till NECROTEL_ORDERED":   4,
		"necro.handlers.in_flight necrotel.Till NECROTEL_ORDERED": 0,
		"necro.events.published":                                  3,
		"necro.backend.errors":                                    0,
		"necro.backend.up":                                        1,
		"necro.running":                                           0,
		"necro.organ.dead_letters necrotel.Till":                  1,
		"necro.organ.depth necrotel.Till":                         0,
		"necro.breaker.open necrotel.Till":                        0,
		"necro.parked.events NECROTEL_PAID":                       2,
	} {
		if n, ok := got[key]; !ok || n != want {
			t.Errorf("%s is %v (%v), want %v", key, n, ok, want)
		}
	}
}

func TestMetricsTellWhatWaitsAndRuns(t *testing.T) {
	started, release := make(chan struct{}, 2), make(chan struct{})
	s, reader, _ := watched(t, memory.New(), &Till{before: func() error {
		started <- struct{}{}
		<-release
		return nil
	}})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	if err := s.PublishBatch(ctx, []necro.Event{&Ordered{1}, &Ordered{2}}); err != nil {
		t.Fatal(err)
	}
	go func() { done <- s.Run(ctx) }()
	<-started
	poll.Until(t, "all organs are started", s.Running)
	got := values(t, reader)
	for key, want := range map[string]float64{
		"necro.handlers.in_flight necrotel.Till NECROTEL_ORDERED": 1,
		"necro.organ.depth necrotel.Till":                         2,
		"necro.organ.consumers necrotel.Till":                     1,
		"necro.running":                                           1,
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	stop()
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestInstruments wants every metric of the table, as what it is, and under the name that
// Prometheus' exporters make of it: that of package necroprom.
func TestInstruments(t *testing.T) {
	s, reader, _ := watched(t, memory.New(), failing())
	drain(t, s, 1)
	got := collected(t, reader)
	prometheus := otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes)
	want := []*measure.Metric{&measure.Duration, &measure.InFlight, &measure.Up, &measure.Running}
	for i := range measure.Table {
		want = append(want, &measure.Table[i])
	}
	for _, of := range want {
		m, ok := got[of.Name]
		if !ok {
			t.Errorf("%s is missing", of.Name)
			continue
		}
		if m.Unit != of.Unit || m.Description != of.Help {
			t.Errorf("%s is in %q: %q", of.Name, m.Unit, m.Description)
		}
		kind := kindOf(t, of, m.Data)
		name, err := prometheus.Build(otlptranslator.Metric{Name: m.Name, Unit: m.Unit, Type: kind})
		if err != nil || name != of.Prometheus() {
			t.Errorf("%s becomes %s (%v), want %s", of.Name, name, err, of.Prometheus())
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d metrics, want %d", len(got), len(want))
	}
}

// kindOf wants data of the metric's kind, and returns how translators call that.
func kindOf(t *testing.T, of *measure.Metric, data metricdata.Aggregation) otlptranslator.MetricType {
	t.Helper()
	switch d := data.(type) {
	case metricdata.Histogram[float64]:
		if of == &measure.Duration && slices.Equal(d.DataPoints[0].Bounds, measure.Buckets) {
			return otlptranslator.MetricTypeHistogram
		}
	case metricdata.Sum[int64]:
		if of == &measure.InFlight && !d.IsMonotonic {
			return otlptranslator.MetricTypeNonMonotonicCounter
		}
	case metricdata.Sum[float64]:
		if of.Counter && d.IsMonotonic {
			return otlptranslator.MetricTypeMonotonicCounter
		}
	case metricdata.Gauge[float64]:
		if !of.Counter {
			return otlptranslator.MetricTypeGauge
		}
	}
	t.Errorf("%s is a %T", of.Name, data)
	return otlptranslator.MetricTypeUnknown
}

func TestACallThatPanicsHasADuration(t *testing.T) {
	calls := 0
	s, reader, _ := watched(t, memory.New(), &Till{before: func() error {
		if calls++; calls == 1 {
			panic("out of cash")
		}
		return nil
	}}, soon())
	drain(t, s, 1)
	got := values(t, reader)
	if n := got["necro.handler.duration necrotel.Till NECROTEL_ORDERED"]; n != 2 {
		t.Errorf("%v durations, want 2", n)
	}
	if n := got["necro.handlers.in_flight necrotel.Till NECROTEL_ORDERED"]; n != 0 {
		t.Errorf("%v calls still run", n)
	}
}

func TestABackendThatIsDownLeavesGapsAndNoErrors(t *testing.T) {
	down := intercept.New(memory.New(), intercept.Calls{Health: func(context.Context, necro.Backend) contract.Health {
		return contract.Health{Err: errors.New("no route")}
	}})
	_, reader, _ := watched(t, down, failing())
	got := values(t, reader)
	if up, ok := got["necro.backend.up"]; !ok || up != 0 {
		t.Errorf("necro.backend.up is %v (%v)", up, ok)
	}
	if _, ok := got["necro.organ.lag necrotel.Till"]; ok {
		t.Error("there is a lag that nobody knows")
	}
	if _, ok := got["necro.breaker.open necrotel.Till"]; !ok {
		t.Error("the breaker of this process is missing")
	}
}

func TestACollectionAsksTheBackendOnceUntilClose(t *testing.T) {
	var asked atomic.Int64
	b := intercept.New(memory.New(), intercept.Calls{Health: func(ctx context.Context, b necro.Backend) contract.Health {
		asked.Add(1)
		return b.Health(ctx)
	}})
	s, reader, metrics := watched(t, b, failing())
	drain(t, s, 1)
	before := asked.Load()
	collected(t, reader)
	if n := asked.Load() - before; n != 1 {
		t.Errorf("the backend was asked %d times", n)
	}
	if err := metrics.Watch(s); err == nil {
		t.Error("Watch took a second spine")
	}
	for range 2 {
		if err := metrics.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := collected(t, reader); asked.Load() != before+1 || len(got) != 1 || got[measure.Duration.Name].Data == nil {
		t.Errorf("after Close there is %v, and the backend was asked %d times", got, asked.Load()-before)
	}
}

func TestSpinesOfOneProviderAreToldApart(t *testing.T) {
	reader := metric.NewManualReader()
	provider := metric.NewMeterProvider(metric.WithReader(reader))
	for _, name := range []string{"north", "south"} {
		metrics, err := necrotel.NewMetrics(provider, necrotel.WithAttributes(attribute.String("shop", name)))
		if err != nil {
			t.Fatal(err)
		}
		s, err := necro.New(memory.New(), necro.WithOrgans(failing()), metrics.Instrument())
		if err != nil {
			t.Fatal(err)
		}
		if err := metrics.Watch(s); err != nil {
			t.Fatal(err)
		}
		drain(t, s, 1)
	}
	got := values(t, reader)
	for _, name := range []string{"north", "south"} { // the key: sorted from behind, "shop" is first
		for _, key := range []string{"necro.events.published " + name, "necro.handler.duration " + name + " necrotel.Till NECROTEL_ORDERED"} {
			if got[key] != 1 {
				t.Errorf("%s is %v in %v", key, got[key], got)
			}
		}
	}
}

func TestADurationLeadsToItsTrace(t *testing.T) {
	provider, kept := recorder()
	s, reader, _ := watched(t, memory.New(), failing(), necrotel.Trace(provider))
	drain(t, s, 1)
	points := collected(t, reader)[measure.Duration.Name].Data.(metricdata.Histogram[float64]).DataPoints
	if len(points) != 1 || len(points[0].Exemplars) != 1 {
		t.Fatalf("no exemplar in %+v", points)
	}
	var handled trace.SpanContext
	for _, span := range kept.GetSpans() {
		if span.Name == "process NECROTEL_ORDERED" {
			handled = span.SpanContext
		}
	}
	if id := handled.SpanID(); !slices.Equal(points[0].Exemplars[0].SpanID, id[:]) {
		t.Errorf("the exemplar is of span %x, want %s", points[0].Exemplars[0].SpanID, id)
	}
}

// TestMeasuringAllocatesNothing repeats what Instrument puts around a handler.
func TestMeasuringAllocatesNothing(t *testing.T) {
	allocs := -1.0
	repeat := func(_ necro.RouteInfo, next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, e necro.Event) error {
			allocs = testing.AllocsPerRun(1000, func() { _ = next(ctx, e) })
			return nil
		}
	}
	nothing := func(necro.RouteInfo, necro.HandlerFunc) necro.HandlerFunc {
		return func(context.Context, necro.Event) error { return nil }
	}
	metrics, err := necrotel.NewMetrics(metric.NewMeterProvider(metric.WithReader(metric.NewManualReader())))
	if err != nil {
		t.Fatal(err)
	}
	s, err := necro.New(memory.New(), necro.WithOrgans(failing()),
		necro.WithRouteMiddleware(repeat), metrics.Instrument(), necro.WithRouteMiddleware(nothing))
	if err != nil {
		t.Fatal(err)
	}
	drain(t, s, 1)
	if allocs != 0 {
		t.Errorf("%v allocations a call", allocs)
	}
}
