package necrotel

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Scope is the instrumentation scope of all spans and metrics of this package.
const Scope = "github.com/necrostack/necrogen/telemetry/necrotel"

// System is the messaging.system of all spans.
const System = "necrostack"

// Attributes that the semantic conventions do not have.
const (
	AttrOrgan   = attribute.Key("necro.organ")
	AttrMethod  = attribute.Key("necro.method")
	AttrAttempt = attribute.Key("necro.attempt") // 1 for the first
	AttrHops    = attribute.Key("necro.hops")
)

// TraceOption is an option of [Trace].
type TraceOption func(*tracing)

// WithPropagator sets how a trace is written into headers. The default is W3C's traceparent and
// tracestate; processes that share a backend must agree on it.
func WithPropagator(p propagation.TextMapPropagator) TraceOption {
	return func(t *tracing) { t.propagator, t.w3c = p, false }
}

// WithRatio samples a share of the chains, from 0 to 1, before OpenTelemetry is asked: the others cost no span and no header,
// because each process decides by the id of the chain. All processes need the same ratio. The sampler of the provider is
// asked for the chains that are chosen, so leave it at its default. A chain whose publish has a trace already, in its context or its
// headers, is sampled when that trace is.
//
// The first event of a PublishBatch decides for the batch. Where the batch is not sampled, each chain of it still may be, from its
// first handler on.
func WithRatio(ratio float64) TraceOption {
	return func(t *tracing) { t.ratio = newRatio(ratio) }
}

// tracing makes the spans of one spine. All fields but publishes are written before the spine starts.
type tracing struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	w3c        bool     // the propagator is the default
	ratio      *ratio   // nil where the provider's sampler decides about each chain
	publishes  sync.Map // *start by destination; any goroutine that publishes adds one
}

// start holds what the spans of a handler, or of the publishes of an event name, have alike.
type start struct {
	name  string
	root  []trace.SpanStartOption // of a span without a parent: with the attributes, which samplers see
	child []trace.SpanStartOption // of the others, about which the root has decided
	alike []attribute.KeyValue
}

func newStart(name string, kind trace.SpanKind, alike ...attribute.KeyValue) *start {
	return &start{
		name:  name,
		root:  []trace.SpanStartOption{trace.WithSpanKind(kind), trace.WithAttributes(alike...)},
		child: []trace.SpanStartOption{trace.WithSpanKind(kind)},
		alike: alike,
	}
}

// attributeLists has lists to put the attributes of one span together in, because the span copies them. A span that gets them all at
// once has one list of its own in place of three.
var attributeLists = sync.Pool{New: func() any { return new([]attribute.KeyValue) }}

// startSpan starts a span with attributes that are those of all its like and those that addOwn appends. addOwn is not called for a span that
// records nothing.
func (t *tracing) startSpan(ctx context.Context, as *start, addOwn func([]attribute.KeyValue) []attribute.KeyValue) (context.Context, trace.Span) {
	isChild := trace.SpanContextFromContext(ctx).IsValid()
	options := as.root
	if isChild {
		options = as.child
	}
	ctx, span := t.tracer.Start(ctx, as.name, options...)
	if !span.IsRecording() {
		return ctx, span
	}
	list := attributeLists.Get().(*[]attribute.KeyValue)
	*list = (*list)[:0]
	if isChild {
		*list = append(*list, as.alike...)
	}
	*list = addOwn(*list)
	span.SetAttributes(*list...)
	clear(*list)
	attributeLists.Put(list)
	return ctx, span
}

// Trace is the option of necro.New that makes spans: one of kind producer for each Publish or
// PublishBatch, one of kind consumer for each call of a handler, so for each attempt. The
// parent of a handler's span is the span of the publish or of the handler that made its event,
// in any process. So a chain is one trace.
//
// A Publish whose context has no span continues the trace that its WithHeader names, if any. Whether a chain is sampled is decided
// once, at its root: by [WithRatio], or else by the provider's sampler. The handlers of a chain that is not sampled cost no span; their
// contexts still have its span context, so that what they call is not sampled either.
// Spans hold names, ids and the texts of errors; they hold no payload.
func Trace(provider trace.TracerProvider, options ...TraceOption) necro.Option {
	t := &tracing{
		tracer:     provider.Tracer(Scope, trace.WithSchemaURL(semconv.SchemaURL)),
		propagator: propagation.TraceContext{},
		w3c:        true,
	}
	for _, option := range options {
		option(t)
	}
	return necro.Options(
		necro.WithChosenPublishes(t.wantsPublish, t.publishLayer),
		necro.WithRouteMiddleware(t.routeLayer),
		necro.WithContextValue(spanKey, t.spanOfUnsampled),
	)
}

// publishLayer makes the span of a Publish or PublishBatch, and gives it to all messages. A trace that is not sampled is passed
// on without a span.
func (t *tracing) publishLayer(next necro.PublishFunc) necro.PublishFunc {
	return func(ctx context.Context, msgs []necro.Message) error {
		if len(msgs) == 0 {
			return next(ctx, msgs)
		}
		parent := trace.SpanContextFromContext(ctx)
		if !parent.IsValid() {
			ctx = t.extractTrace(ctx, msgs[0].Headers)
			parent = trace.SpanContextFromContext(ctx)
		}
		if parent.IsValid() && !parent.IsSampled() {
			t.injectTrace(ctx, parent, published(msgs))
			return next(ctx, msgs)
		}
		ctx, span := t.startSpan(ctx, t.publishStart(destinationName(msgs)), func(list []attribute.KeyValue) []attribute.KeyValue {
			return addPublished(list, msgs)
		})
		defer span.End()
		t.injectTrace(ctx, span.SpanContext(), published(msgs))
		err := next(ctx, msgs)
		noteResult(span, err)
		return err
	}
}

// publishStart returns the start of the spans of publishes to a destination.
func (t *tracing) publishStart(destination string) *start {
	if known, ok := t.publishes.Load(destination); ok {
		return known.(*start)
	}
	made := newStart("publish "+destination, trace.SpanKindProducer,
		semconv.MessagingSystemKey.String(System),
		semconv.MessagingOperationName("publish"),
		semconv.MessagingOperationTypeSend,
		semconv.MessagingDestinationName(destination),
	)
	t.publishes.Store(destination, made)
	return made
}

// destinationName returns the event name of a batch, or "events" for a batch of several types.
func destinationName(msgs []necro.Message) string {
	name := msgs[0].Type.Name
	for i := range msgs {
		if msgs[i].Type.Name != name {
			return "events"
		}
	}
	return name
}

func addPublished(list []attribute.KeyValue, msgs []necro.Message) []attribute.KeyValue {
	if len(msgs) > 1 {
		return append(list, semconv.MessagingBatchMessageCount(len(msgs)))
	}
	return append(list,
		semconv.MessagingMessageID(msgs[0].ID.String()),
		semconv.MessagingMessageConversationID(msgs[0].Correlation.String()),
	)
}

// handleStart returns the start of the spans of a handler.
func handleStart(r necro.RouteInfo) *start {
	return newStart("process "+r.Event.Name, trace.SpanKindConsumer,
		semconv.MessagingSystemKey.String(System),
		semconv.MessagingOperationName("process"),
		semconv.MessagingOperationTypeProcess,
		semconv.MessagingDestinationName(r.Event.Name),
		semconv.MessagingConsumerGroupName(r.Organ),
		AttrOrgan.String(r.Organ), AttrMethod.String(r.Method),
	)
}

// routeLayer makes the span of each call of a handler whose chain is sampled.
func (t *tracing) routeLayer(r necro.RouteInfo, next necro.HandlerFunc) necro.HandlerFunc {
	as := handleStart(r)
	return func(ctx context.Context, e necro.Event) error {
		d := contract.HandledDelivery(ctx)
		if d == nil || !t.followsChain(d.Correlation, d.Headers) {
			return next(ctx, e)
		}
		ctx, span := t.startSpan(t.extractTrace(ctx, d.Headers), as, func(list []attribute.KeyValue) []attribute.KeyValue {
			return addHandled(list, d)
		})
		returned := false
		defer func() { // also where the handler panics
			if !returned {
				span.SetStatus(codes.Error, "the handler panicked, or ended its goroutine")
			}
			span.End()
		}()
		if len(r.Emits) > 0 {
			t.injectTrace(ctx, span.SpanContext(), emitted{ctx})
		}
		err := next(ctx, e)
		returned = true
		noteResult(span, err)
		return err
	}
}

func addHandled(list []attribute.KeyValue, d *contract.Delivery) []attribute.KeyValue {
	return append(list,
		semconv.MessagingMessageID(d.ID.String()),
		semconv.MessagingMessageConversationID(d.Correlation.String()),
		AttrAttempt.Int(int(d.Attempts)+1), AttrHops.Int(int(d.Hops)),
	)
}

// noteResult sets the status of a span when its call failed.
func noteResult(span trace.Span, err error) {
	if err == nil || !span.IsRecording() {
		return
	}
	span.RecordError(err)
	span.SetAttributes(semconv.ErrorType(err))
	span.SetStatus(codes.Error, err.Error())
}
