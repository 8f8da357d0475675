// Package necroprom gives the metrics of a spine to Prometheus. It is a module of its own, so
// that only those who import it depend on Prometheus.
//
// Beside it stand a dashboard for Grafana, dashboard.json, and rules for alerts, alerts.yml.
package necroprom

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/internal/measure"
)

// Metrics is a prometheus.Collector for one spine. NewMetrics makes one, Instrument connects it
// with the handlers, and Watch with the rest:
//
//	metrics := necroprom.NewMetrics()
//	spine, err := necro.New(backend, necro.WithOrgans(…), metrics.Instrument())
//	…
//	metrics.Watch(spine)
//	prometheus.MustRegister(metrics)
//
// Several spines of a process are told apart by a label: prometheus.WrapRegistererWith.
type Metrics struct {
	duration *prometheus.HistogramVec
	inFlight *prometheus.GaugeVec
	descs    map[*measure.Metric]*prometheus.Desc
	spine    *necro.Spine
}

// Option changes what NewMetrics makes.
type Option func(*prometheus.HistogramOpts)

// WithBuckets sets the upper bounds of the handler durations, in seconds. The default is 18
// of them, from 100 µs to a minute.
func WithBuckets(bounds ...float64) Option {
	return func(o *prometheus.HistogramOpts) { o.Buckets = bounds }
}

// NewMetrics returns the metrics of one spine.
func NewMetrics(options ...Option) *Metrics {
	histogram := prometheus.HistogramOpts{
		Name: measure.Duration.Prometheus(), Help: measure.Duration.Help, Buckets: measure.Buckets,
	}
	for _, option := range options {
		option(&histogram)
	}
	m := &Metrics{
		duration: prometheus.NewHistogramVec(histogram, measure.Duration.Labels),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: measure.InFlight.Prometheus(), Help: measure.InFlight.Help,
		}, measure.InFlight.Labels),
		descs: map[*measure.Metric]*prometheus.Desc{},
	}
	m.describeMetric(&measure.Up)
	m.describeMetric(&measure.Running)
	for i := range measure.Table {
		m.describeMetric(&measure.Table[i])
	}
	return m
}

func (m *Metrics) describeMetric(of *measure.Metric) {
	m.descs[of] = prometheus.NewDesc(of.Prometheus(), of.Help, of.Labels, nil)
}

// Instrument is the option of necro.New that measures each call of a handler.
func (m *Metrics) Instrument() necro.Option { return necro.WithRouteMiddleware(m.wrapHandler) }

// wrapHandler measures the calls of a handler, whose series it looks up once.
func (m *Metrics) wrapHandler(r necro.RouteInfo, next necro.HandlerFunc) necro.HandlerFunc {
	duration := m.duration.WithLabelValues(r.Organ, r.Event.Name)
	inFlight := m.inFlight.WithLabelValues(r.Organ, r.Event.Name)
	return func(ctx context.Context, e necro.Event) error {
		inFlight.Inc()
		began := time.Now()
		defer func() { // also where the handler panics
			duration.Observe(time.Since(began).Seconds())
			inFlight.Dec()
		}()
		return next(ctx, e)
	}
}

// Watch says which spine the counters and gauges are of. It is called before the metrics are
// registered; without it there are only those of the handlers.
func (m *Metrics) Watch(s *necro.Spine) { m.spine = s }

// Describe tells of all metrics.
func (m *Metrics) Describe(out chan<- *prometheus.Desc) {
	m.duration.Describe(out)
	m.inFlight.Describe(out)
	for _, desc := range m.descs {
		out <- desc
	}
}

// Collect reads the spine, which asks its backend once, for at most 3 s. What only the backend
// knows is missing when it does not answer.
func (m *Metrics) Collect(out chan<- prometheus.Metric) {
	m.duration.Collect(out)
	m.inFlight.Collect(out)
	if m.spine == nil {
		return
	}
	measure.Read(context.Background(), m.spine, func(of *measure.Metric, value float64, labels ...string) {
		kind := prometheus.GaugeValue
		if of.Counter {
			kind = prometheus.CounterValue
		}
		out <- prometheus.MustNewConstMetric(m.descs[of], kind, value, labels...)
	})
}
