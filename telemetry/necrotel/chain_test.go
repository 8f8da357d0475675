package necrotel_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/necrotel"
)

// sampler counts how often it is asked for a span.
type sampler struct {
	sdk.Sampler
	asked atomic.Int64
}

func (s *sampler) ShouldSample(p sdk.SamplingParameters) sdk.SamplingResult {
	s.asked.Add(1)
	return s.Sampler.ShouldSample(p)
}

// observed is what became of some chains: the spans, how often the sampler was asked, and the context and the headers of each call
// of the last handler.
type observed struct {
	spans   tracetest.SpanStubs
	asked   int64
	seen    []trace.SpanContext
	headers []map[string]string
}

// runChains publishes n orders and works until nothing is left.
func runChains(t *testing.T, ctx context.Context, n int, of sdk.Sampler, traced []necrotel.TraceOption, options ...necro.PublishOption) (o observed) {
	t.Helper()
	asks, kept := &sampler{Sampler: of}, tracetest.NewInMemoryExporter()
	provider := sdk.NewTracerProvider(sdk.WithSyncer(kept), sdk.WithSampler(asks))
	look := func(next necro.HandlerFunc) necro.HandlerFunc {
		return func(ctx context.Context, e necro.Event) error {
			if meta, _ := necro.MetaFrom(ctx); meta.Hops == 2 {
				o.seen, o.headers = append(o.seen, trace.SpanContextFromContext(ctx)), append(o.headers, meta.Headers)
			}
			return next(ctx, e)
		}
	}
	s, err := necro.New(memory.New(memory.WithCopy()), necrotel.Trace(provider, traced...), necro.WithMiddleware(look),
		necro.WithLogger(nil), necro.WithOrgans(&Till{}, &Depot{}, &Desk{func() {}}))
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		if err := s.Publish(ctx, &Ordered{1}, options...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(o.seen) != n {
		t.Fatalf("%d chains ended, want %d", len(o.seen), n)
	}
	o.spans, o.asked = kept.GetSpans(), asks.asked.Load()
	return o
}

// TestAnUnsampledChainCostsNoSpan: the sampler is asked for the root alone, and what handlers call is not sampled.
func TestAnUnsampledChainCostsNoSpan(t *testing.T) {
	o := runChains(t, t.Context(), 1, sdk.NeverSample(), nil)
	if o.asked != 1 || len(o.spans) != 0 {
		t.Errorf("the sampler was asked %d times, want once; spans %v", o.asked, o.spans)
	}
	if seen := o.seen[0]; !seen.IsValid() || seen.IsSampled() {
		t.Errorf("the span context of the last handler is %+v, want one that is not sampled", seen)
	}
}

// TestRatioLeavesChainsOut: OpenTelemetry is not asked, the chain has no header, and its handlers have the trace of its ids.
func TestRatioLeavesChainsOut(t *testing.T) {
	o := runChains(t, t.Context(), 2, sdk.AlwaysSample(), []necrotel.TraceOption{necrotel.WithRatio(0)})
	if o.asked != 0 || len(o.spans) != 0 || len(o.headers[0]) != 0 {
		t.Errorf("the sampler was asked %d times, want never; spans %v; headers %v", o.asked, o.spans, o.headers[0])
	}
	if a, b := o.seen[0], o.seen[1]; !a.IsValid() || a.IsSampled() || !a.IsRemote() || a.TraceID() == b.TraceID() {
		t.Errorf("the span contexts of two chains: %+v and %+v", a, b)
	}
}

// TestRatioChoosesWholeChains: a chain has all of its spans or none, and about as many are chosen as the ratio says.
func TestRatioChoosesWholeChains(t *testing.T) {
	const chains, ratio = 4000, 0.25
	o := runChains(t, t.Context(), chains, sdk.ParentBased(sdk.AlwaysSample()), []necrotel.TraceOption{necrotel.WithRatio(ratio)})
	spans := map[trace.TraceID]int{}
	for _, span := range o.spans {
		spans[span.SpanContext.TraceID()]++
	}
	for id, n := range spans {
		if n != 4 {
			t.Errorf("the trace %s has %d spans, want 4", id, n)
		}
	}
	if n := float64(len(spans)); n < chains*ratio*0.8 || n > chains*ratio*1.2 {
		t.Errorf("%v of %d chains are sampled with a ratio of %v", n, chains, ratio)
	}
	all := runChains(t, t.Context(), 3, sdk.AlwaysSample(), []necrotel.TraceOption{necrotel.WithRatio(1)})
	if len(all.spans) != 12 {
		t.Errorf("%d spans of 3 chains with a ratio of 1, want 12", len(all.spans))
	}
}

// TestATraceDecidesForItsChain: a chain that continues a trace is sampled when that is, whatever the ratio.
func TestATraceDecidesForItsChain(t *testing.T) {
	const id = "0af7651916cd43dd8448eb211c80319c"
	for _, sampled := range []bool{true, false} {
		for ratio := range 2 {
			t.Run(fmt.Sprint(sampled, ratio), func(t *testing.T) {
				parent, spans := fmt.Sprintf("00-%s-b7ad6b7169203331-%02x", id, map[bool]int{true: 1}[sampled]), map[bool]int{true: 4}[sampled]
				traced := []necrotel.TraceOption{necrotel.WithRatio(float64(ratio))}
				byHeader := runChains(t, t.Context(), 1, sdk.AlwaysSample(), traced, necro.WithHeader("traceparent", parent))
				traceID, _ := trace.TraceIDFromHex(id)
				sc := trace.SpanContextConfig{TraceID: traceID, SpanID: trace.SpanID{1}}
				if sampled {
					sc.TraceFlags = trace.FlagsSampled
				}
				ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(sc))
				byContext := runChains(t, ctx, 1, sdk.AlwaysSample(), traced)
				for what, o := range map[string]observed{"header": byHeader, "context": byContext} {
					if seen := o.seen[0]; len(o.spans) != spans || seen.TraceID() != traceID || seen.IsSampled() != sampled {
						t.Errorf("by its %s: %d spans, want %d; the last handler has %+v", what, len(o.spans), spans, seen)
					}
				}
			})
		}
	}
}

// TestTracestateTravels: with a tracestate all goes through the propagator.
func TestTracestateTravels(t *testing.T) {
	o := runChains(t, t.Context(), 1, sdk.AlwaysSample(), nil,
		necro.WithHeader("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), necro.WithHeader("tracestate", "vendor=one"))
	if got := o.seen[0].TraceState().String(); got != "vendor=one" || len(o.spans) != 4 {
		t.Errorf("the tracestate is %q, and there are %d spans", got, len(o.spans))
	}
}

// TestWrongHeadersAreNoTrace: what is no traceparent begins a trace of its own.
func TestWrongHeadersAreNoTrace(t *testing.T) {
	for _, text := range []string{
		"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-00",
		"00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	} {
		o := runChains(t, t.Context(), 1, sdk.AlwaysSample(), nil, necro.WithHeader("traceparent", text))
		if len(o.spans) != 4 || o.spans[0].Parent.IsValid() {
			t.Errorf("%q: spans %v", text, o.spans)
		}
	}
}
