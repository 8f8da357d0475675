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
	return func(t *tracing) { t.propagator = p }
}

// tracing makes the spans of one spine. The tracer and the propagator are written before the spine starts.
type tracing struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	publishes  sync.Map // *start by destination; any goroutine that publishes adds one
}

// start holds the name and the first attributes of spans, which samplers see. There is one for each handler and each
// published event name, because a new one for each event takes 12 of the 49 allocations of an unsampled chain
// of three organs.
type start struct {
	name    string
	options []trace.SpanStartOption
}

// Trace is the option of necro.New that makes spans: one of kind producer for each Publish or
// PublishBatch, one of kind consumer for each call of a handler, so for each attempt. The
// parent of a handler's span is the span of the publish or of the handler that made its event,
// in any process. So a chain is one trace.
//
// A Publish whose context has no span continues the trace that its WithHeader names, if any.
// Spans hold names, ids and the texts of errors; they hold no payload.
func Trace(provider trace.TracerProvider, options ...TraceOption) necro.Option {
	t := &tracing{
		tracer:     provider.Tracer(Scope, trace.WithSchemaURL(semconv.SchemaURL)),
		propagator: propagation.TraceContext{},
	}
	for _, option := range options {
		option(t)
	}
	return necro.Options(necro.WithPublishMiddleware(t.publishLayer), necro.WithRouteMiddleware(t.routeLayer))
}

// publishLayer makes the span of a Publish or PublishBatch, and gives it to all messages.
func (t *tracing) publishLayer(next necro.PublishFunc) necro.PublishFunc {
	return func(ctx context.Context, msgs []necro.Message) error {
		if len(msgs) == 0 {
			return next(ctx, msgs)
		}
		var headers propagation.TextMapCarrier = published(msgs)
		if !trace.SpanContextFromContext(ctx).IsValid() {
			ctx = t.propagator.Extract(ctx, headers)
		}
		as := t.publishStart(destinationName(msgs))
		ctx, span := t.tracer.Start(ctx, as.name, as.options...)
		defer span.End()
		if span.IsRecording() {
			span.SetAttributes(publishAttributes(msgs)...)
		}
		t.propagator.Inject(ctx, headers)
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
	made := &start{"publish " + destination, []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithAttributes(
			semconv.MessagingSystemKey.String(System),
			semconv.MessagingOperationName("publish"),
			semconv.MessagingOperationTypeSend,
			semconv.MessagingDestinationName(destination),
		),
	}}
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

func publishAttributes(msgs []necro.Message) []attribute.KeyValue {
	if len(msgs) > 1 {
		return []attribute.KeyValue{semconv.MessagingBatchMessageCount(len(msgs))}
	}
	return []attribute.KeyValue{
		semconv.MessagingMessageID(msgs[0].ID.String()),
		semconv.MessagingMessageConversationID(msgs[0].Correlation.String()),
	}
}

// handleStart returns the start of the spans of a handler.
func handleStart(r necro.RouteInfo) start {
	return start{"process " + r.Event.Name, []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(
			semconv.MessagingSystemKey.String(System),
			semconv.MessagingOperationName("process"),
			semconv.MessagingOperationTypeProcess,
			semconv.MessagingDestinationName(r.Event.Name),
			semconv.MessagingConsumerGroupName(r.Organ),
		),
	}}
}

// routeLayer makes the span of each call of a handler.
func (t *tracing) routeLayer(r necro.RouteInfo, next necro.HandlerFunc) necro.HandlerFunc {
	as := handleStart(r)
	return func(ctx context.Context, e necro.Event) error {
		meta, _ := necro.MetaFrom(ctx)
		ctx, span := t.tracer.Start(t.propagator.Extract(ctx, received(meta.Headers)), as.name, as.options...)
		returned := false
		defer func() { // also where the handler panics
			if !returned {
				span.SetStatus(codes.Error, "the handler panicked, or ended its goroutine")
			}
			span.End()
		}()
		if span.IsRecording() {
			span.SetAttributes(callAttributes(r, &meta)...)
		}
		if len(r.Emits) > 0 {
			t.propagator.Inject(ctx, emitted{ctx})
		}
		err := next(ctx, e)
		returned = true
		noteResult(span, err)
		return err
	}
}

func callAttributes(r necro.RouteInfo, meta *necro.Meta) []attribute.KeyValue {
	return []attribute.KeyValue{
		AttrOrgan.String(r.Organ), AttrMethod.String(r.Method),
		semconv.MessagingMessageID(meta.ID.String()),
		semconv.MessagingMessageConversationID(meta.Correlation.String()),
		AttrAttempt.Int(meta.Attempt), AttrHops.Int(meta.Hops),
	}
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
