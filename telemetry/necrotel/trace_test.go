package necrotel_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/necrotel"
)

// recorder returns a provider of tracers, and where its spans are kept.
func recorder() (*sdk.TracerProvider, *tracetest.InMemoryExporter) {
	kept := tracetest.NewInMemoryExporter()
	return sdk.NewTracerProvider(sdk.WithSyncer(kept)), kept
}

// drained publishes an order, works until nothing is left, and returns the spans.
func drained(t *testing.T, ctx context.Context, till *Till, options ...necro.PublishOption) tracetest.SpanStubs {
	t.Helper()
	provider, kept := recorder()
	s, err := necro.New(memory.New(memory.WithCopy()), necrotel.Trace(provider), necro.WithLogger(nil),
		necro.WithOrgans(till, &Depot{}, &Desk{func() {}}),
		necro.WithPolicy("necrotel.Till", necro.Retry(2), necro.Backoff(time.Nanosecond, time.Nanosecond)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(ctx, &Ordered{1}, options...); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	return kept.GetSpans()
}

// TestTimersAndUndosAreOfTheTrace: an organ whose handlers emit a timer, or undos, and no event, hands the trace on with them.
func TestTimersAndUndosAreOfTheTrace(t *testing.T) {
	provider, kept := recorder()
	s, err := necro.New(memory.New(memory.WithCopy()), necrotel.Trace(provider), necro.WithLogger(nil), necro.WithOrgans(&Travel{}, &Air{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t.Context(), &Trip{1}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	chain(t, kept.GetSpans(), "publish NECROTEL_TRIP", "process NECROTEL_TRIP", "process NECROTEL_LATE", "process NECROTEL_CANCEL")
}

// chain wants spans of these names, each the child of the one before, and all of one trace.
func chain(t *testing.T, spans tracetest.SpanStubs, names ...string) {
	t.Helper()
	if len(spans) != len(names) {
		t.Fatalf("%d spans, want %d: %v", len(spans), len(names), spans)
	}
	for i, span := range spans {
		if span.Name != names[i] {
			t.Errorf("span %d is %q, want %q", i, span.Name, names[i])
		}
		if i > 0 && (span.Parent.SpanID() != spans[i-1].SpanContext.SpanID() || span.Parent.TraceID() != spans[0].SpanContext.TraceID()) {
			t.Errorf("the parent of %q is not %q", span.Name, spans[i-1].Name)
		}
	}
}

func attributes(s tracetest.SpanStub) map[string]any {
	m := map[string]any{}
	for _, a := range s.Attributes {
		m[string(a.Key)] = a.Value.AsInterface()
	}
	return m
}

func TestAChainIsOneTrace(t *testing.T) {
	spans := drained(t, t.Context(), &Till{})
	chain(t, spans, "publish NECROTEL_ORDERED", "process NECROTEL_ORDERED", "process NECROTEL_PAID", "process NECROTEL_SENT")
	if a, b := spans[0].SpanKind, spans[1].SpanKind; a != trace.SpanKindProducer || b != trace.SpanKindConsumer {
		t.Errorf("kinds %s and %s", a, b)
	}
	published, handled := attributes(spans[0]), attributes(spans[2])
	for key, want := range map[string]any{
		"messaging.system": "necrostack", "messaging.operation.name": "process", "messaging.operation.type": "process",
		"messaging.destination.name": "NECROTEL_PAID", "messaging.consumer.group.name": "necrotel.Depot",
		"messaging.message.conversation_id": published["messaging.message.id"],
		"necro.organ":                       "necrotel.Depot", "necro.method": "Send", "necro.attempt": int64(1), "necro.hops": int64(1),
	} {
		if handled[key] != want {
			t.Errorf("%s is %v, want %v", key, handled[key], want)
		}
	}
	if published["messaging.operation.type"] != "send" || published["messaging.message.id"] == handled["messaging.message.id"] {
		t.Errorf("attributes of the publish: %v", published)
	}
}

func TestEachAttemptHasASpan(t *testing.T) {
	failures := 0
	spans := drained(t, t.Context(), &Till{func() error {
		if failures++; failures == 1 {
			return errors.New("no change")
		}
		return nil
	}})
	if len(spans) != 5 {
		t.Fatalf("%d spans, want 5: %v", len(spans), spans)
	}
	failed, again := spans[1], spans[2]
	if failed.Status.Code != codes.Error || failed.Status.Description != "no change" || len(failed.Events) != 1 {
		t.Errorf("the failed attempt: %+v", failed)
	}
	if again.Status.Code != codes.Unset || attributes(again)["necro.attempt"] != int64(2) || again.Parent.SpanID() != failed.Parent.SpanID() {
		t.Errorf("the second attempt: %+v", again)
	}
}

func TestAPanicEndsTheSpan(t *testing.T) {
	spans := drained(t, t.Context(), &Till{func() error { panic("till") }})
	if len(spans) != 3 || spans[1].Status.Code != codes.Error {
		t.Errorf("spans %+v", spans)
	}
}

func TestPublishContinuesATrace(t *testing.T) {
	provider, _ := recorder()
	ctx, caller := provider.Tracer("test").Start(t.Context(), "request")
	defer caller.End()
	own := drained(t, ctx, &Till{})[0]
	if own.Parent.SpanID() != caller.SpanContext().SpanID() {
		t.Error("Publish does not continue the trace of its context")
	}
	header := "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	from := drained(t, t.Context(), &Till{}, necro.WithHeader("traceparent", header))[0]
	if from.SpanContext.TraceID().String() != header[3:35] {
		t.Error("Publish does not continue the trace of its header")
	}
}

func TestABatchHasOneSpan(t *testing.T) {
	provider, kept := recorder()
	s, err := necro.New(memory.New(), necrotel.Trace(provider))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PublishBatch(t.Context(), []necro.Event{&Ordered{1}, &Paid{2}}); err != nil {
		t.Fatal(err)
	}
	spans := kept.GetSpans()
	if len(spans) != 1 || spans[0].Name != "publish events" || attributes(spans[0])["messaging.batch.message_count"] != int64(2) {
		t.Errorf("spans %+v", spans)
	}
}

func TestAFailedPublishIsNoted(t *testing.T) {
	provider, kept := recorder()
	b := memory.New()
	s, err := necro.New(b, necrotel.Trace(provider))
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	if err := s.Publish(t.Context(), &Ordered{1}); err == nil {
		t.Fatal("no error")
	}
	span := kept.GetSpans()[0]
	if _, ok := attributes(span)["error.type"]; span.Status.Code != codes.Error || !ok {
		t.Errorf("span %+v", span)
	}
}
