package necrotel

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/internal/measure"
)

// Metrics gives the metrics of one spine to OpenTelemetry. NewMetrics makes them, Instrument
// connects them with the handlers, Watch connects them with the spine, and Close ends the watching:
//
//	metrics, err := necrotel.NewMetrics(provider)
//	…
//	spine, err := necro.New(backend, necro.WithOrgans(…), metrics.Instrument())
//	…
//	err = metrics.Watch(spine)
//	defer metrics.Close()
//
// The metrics are those of package necroprom: after OpenTelemetry's own translation the names are the
// same. The attributes are "organ" and "event", as the labels are there, so that one dashboard
// and one set of alerts serves both.
type Metrics struct {
	meter        metric.Meter
	attributes   []attribute.KeyValue
	duration     metric.Float64Histogram
	inFlight     metric.Int64ObservableUpDownCounter
	observed     map[*measure.Metric]metric.Float64Observable
	routes       []*running
	registration metric.Registration
}

// running counts the calls of one handler that run.
type running struct {
	calls      atomic.Int64
	attributes []metric.ObserveOption
}

// MetricsOption is an option of [NewMetrics].
type MetricsOption func(*Metrics)

// WithAttributes puts attributes on all series: several spines that share a provider need one
// that tells them apart.
func WithAttributes(attributes ...attribute.KeyValue) MetricsOption {
	return func(m *Metrics) { m.attributes = append(m.attributes, attributes...) }
}

// NewMetrics makes the instruments of one spine. The bounds of the durations are a hint, from
// 100 µs to a minute: a view of the provider may change them.
func NewMetrics(provider metric.MeterProvider, options ...MetricsOption) (*Metrics, error) {
	m := &Metrics{
		meter:    provider.Meter(Scope),
		observed: map[*measure.Metric]metric.Float64Observable{},
	}
	for _, option := range options {
		option(m)
	}
	var errs [2]error
	m.duration, errs[0] = m.meter.Float64Histogram(measure.Duration.Name, metric.WithUnit(measure.Duration.Unit),
		metric.WithDescription(measure.Duration.Help), metric.WithExplicitBucketBoundaries(measure.Buckets...))
	m.inFlight, errs[1] = m.meter.Int64ObservableUpDownCounter(measure.InFlight.Name,
		metric.WithUnit(measure.InFlight.Unit), metric.WithDescription(measure.InFlight.Help))
	err := errors.Join(errs[:]...)
	for _, of := range readMetrics() {
		err = errors.Join(err, m.observeMetric(of))
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// readMetrics returns the metrics that are read from a spine.
func readMetrics() []*measure.Metric {
	all := []*measure.Metric{&measure.Up, &measure.Running}
	for i := range measure.Table {
		all = append(all, &measure.Table[i])
	}
	return all
}

// observeMetric makes the instrument of a metric that is read.
func (m *Metrics) observeMetric(of *measure.Metric) (err error) {
	unit, help := metric.WithUnit(of.Unit), metric.WithDescription(of.Help)
	if of.Counter {
		m.observed[of], err = m.meter.Float64ObservableCounter(of.Name, unit, help)
	} else {
		m.observed[of], err = m.meter.Float64ObservableGauge(of.Name, unit, help)
	}
	return err
}

// Instrument is the option of necro.New that measures each call of a handler. Where Trace is
// given before it, durations have exemplars that lead to their traces.
func (m *Metrics) Instrument() necro.Option { return necro.WithRouteMiddleware(m.routeLayer) }

// routeLayer makes the attributes of a handler once. It counts the calls that run; a collection reads the count.
func (m *Metrics) routeLayer(r necro.RouteInfo, next necro.HandlerFunc) necro.HandlerFunc {
	set := m.attributeSet(&measure.Duration, r.Organ, r.Event.Name)
	route := &running{attributes: []metric.ObserveOption{set}}
	m.routes = append(m.routes, route)
	attributes := []metric.RecordOption{set}
	return func(ctx context.Context, e necro.Event) error {
		route.calls.Add(1)
		began := time.Now()
		defer func() { // also where the handler panics
			m.duration.Record(ctx, time.Since(began).Seconds(), attributes...)
			route.calls.Add(-1)
		}()
		return next(ctx, e)
	}
}

// attributeSet makes the attributes of a series.
func (m *Metrics) attributeSet(of *measure.Metric, labels ...string) metric.MeasurementOption {
	attributes := slices.Clone(m.attributes)
	for i, label := range labels {
		attributes = append(attributes, attribute.String(of.Labels[i], label))
	}
	return metric.WithAttributeSet(attribute.NewSet(attributes...))
}

// Watch names the spine that all metrics except the durations are read from. It is called once, after necro.New.
// From then on each collection of a reader reads the spine, which asks its backend once, for at
// most 3 s. Metrics that only the backend knows are missing while it does not answer.
func (m *Metrics) Watch(s *necro.Spine) error {
	if m.registration != nil {
		return errors.New("necrotel: these metrics observe a spine already: make others for another spine")
	}
	instruments := []metric.Observable{m.inFlight}
	for _, instrument := range m.observed {
		instruments = append(instruments, instrument)
	}
	var err error
	m.registration, err = m.meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		m.collect(ctx, s, o)
		return nil
	}, instruments...)
	return err
}

func (m *Metrics) collect(ctx context.Context, s *necro.Spine, o metric.Observer) {
	for _, route := range m.routes {
		o.ObserveInt64(m.inFlight, route.calls.Load(), route.attributes...)
	}
	measure.Read(ctx, s, func(of *measure.Metric, value float64, labels ...string) {
		o.ObserveFloat64(m.observed[of], value, m.attributeSet(of, labels...))
	})
}

// Close ends the watching: collections do not read the spine any more. Without Watch it does nothing.
func (m *Metrics) Close() error {
	if m.registration == nil {
		return nil
	}
	err := m.registration.Unregister()
	m.registration = nil
	return err
}
