package necrotel

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	necro "github.com/necrostack/necrogen/runtime"
)

// Headers of W3C's trace context.
const (
	parentHeader = "traceparent"
	stateHeader  = "tracestate"
)

// ratio chooses chains by their ids.
type ratio struct{ below uint64 } // a chain is chosen whose id, mixed, is below; the highest number chooses all

func newRatio(share float64) *ratio {
	switch {
	case share >= 1:
		return &ratio{math.MaxUint64}
	case share > 0: // not NaN either
		return &ratio{uint64(share * math.MaxUint64)}
	}
	return &ratio{0}
}

// chooses reports whether a chain is sampled. Ids count up, so they are mixed: by the finalizer of splitmix64.
func (r *ratio) chooses(chain necro.ID) bool {
	if r.below == math.MaxUint64 {
		return true
	}
	x := binary.BigEndian.Uint64(chain[:8]) ^ binary.BigEndian.Uint64(chain[8:])*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x^x>>31 < r.below
}

// wantsPublish reports whether a publish passes through the layer: it is sampled, the provider's sampler is to be asked, or there is
// a trace to hand on.
func (t *tracing) wantsPublish(ctx context.Context, chain necro.ID, headers map[string]string) bool {
	return t.ratio == nil || t.ratio.chooses(chain) || len(headers) > 0 || trace.SpanContextFromContext(ctx).IsValid()
}

// followsChain reports whether a handler has a span: its chain is sampled, or the handler is the root and may be sampled.
func (t *tracing) followsChain(chain necro.ID, headers map[string]string) bool {
	if len(headers) > 0 {
		if sampled, known := t.sampledBy(headers); known {
			return sampled
		}
	}
	return t.ratio == nil || t.ratio.chooses(chain)
}

// sampledBy reports whether the trace that headers name is sampled. It is not known where they name none.
func (t *tracing) sampledBy(headers map[string]string) (sampled, known bool) {
	if t.w3c {
		parent := headers[parentHeader]
		if parent == "" {
			return false, false
		}
		if sc, ok := parseParent(parent); ok {
			return sc.TraceFlags.IsSampled(), true
		}
	}
	sc := trace.SpanContextFromContext(t.propagator.Extract(context.Background(), received(headers)))
	return sc.IsSampled(), sc.IsValid()
}

// extractTrace returns a context with the trace that headers name, or ctx where they name none.
func (t *tracing) extractTrace(ctx context.Context, headers map[string]string) context.Context {
	if len(headers) == 0 {
		return ctx
	}
	if t.w3c && headers[stateHeader] == "" {
		if sc, ok := parseParent(headers[parentHeader]); ok {
			return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(sc))
		}
	}
	return t.propagator.Extract(ctx, received(headers))
}

// injectTrace writes the trace of a context, whose span context is sc, into headers.
func (t *tracing) injectTrace(ctx context.Context, sc trace.SpanContext, headers propagation.TextMapCarrier) {
	if t.w3c && sc.IsValid() && sc.TraceState().Len() == 0 {
		headers.Set(parentHeader, formatParent(sc))
		return
	}
	t.propagator.Inject(ctx, headers)
}

// parentLength is that of a traceparent of version 00.
const parentLength = 2 + 1 + 32 + 1 + 16 + 1 + 2

// parseParent reads a traceparent of version 00, as every process with this package writes it. What it does not take is left to
// the propagator, because it may still be right.
func parseParent(text string) (sc trace.SpanContextConfig, ok bool) {
	if len(text) != parentLength || text[:3] != "00-" || text[35] != '-' || text[52:54] != "-0" || text[54] < '0' || text[54] > '3' {
		return sc, false
	}
	var b [parentLength]byte
	copy(b[:], text)
	for _, c := range b[3:52] {
		if c >= 'A' && c <= 'F' { // hex.Decode takes them, and the specification does not
			return sc, false
		}
	}
	_, err1 := hex.Decode(sc.TraceID[:], b[3:35])
	_, err2 := hex.Decode(sc.SpanID[:], b[36:52])
	sc.TraceFlags, sc.Remote = trace.TraceFlags(text[54]-'0'), true
	return sc, err1 == nil && err2 == nil && sc.TraceID.IsValid() && sc.SpanID.IsValid()
}

// formatParent writes a traceparent with the flags that the specification defines.
func formatParent(sc trace.SpanContext) string {
	traceID, spanID := sc.TraceID(), sc.SpanID()
	b := make([]byte, 0, parentLength)
	b = hex.AppendEncode(append(b, "00-"...), traceID[:])
	b = hex.AppendEncode(append(b, '-'), spanID[:])
	return string(append(b, '-', '0', '0'+byte(sc.TraceFlags()&(trace.FlagsSampled|trace.FlagsRandom))))
}

// spanKey is the key under which OpenTelemetry keeps the span in a context. It exports no name for it, but asks a context for it.
var spanKey = func() any {
	var asked keyRecorder
	trace.SpanFromContext(&asked)
	return asked.key
}()

// keyRecorder is a context that notes the key that it was asked for.
type keyRecorder struct {
	context.Context
	key any
}

func (k *keyRecorder) Value(key any) any {
	k.key = key
	return nil
}

// spanOfUnsampled is the span in the context of a handler whose chain is not sampled: one that records nothing. What the handler calls
// continues the trace, and is not sampled either. Most handlers do not ask, and therefore it is made when they do. A chain that
// WithRatio has left out has no header, and gets the ids of its events as those of its trace.
func (t *tracing) spanOfUnsampled(handler context.Context) any {
	meta, ok := necro.MetaFrom(handler)
	if !ok || t.followsChain(meta.Correlation, meta.Headers) {
		return nil
	}
	if ctx := t.extractTrace(context.Background(), meta.Headers); trace.SpanContextFromContext(ctx).IsValid() {
		return trace.SpanFromContext(ctx)
	}
	sc := trace.SpanContextConfig{TraceID: trace.TraceID(meta.Correlation), Remote: true}
	copy(sc.SpanID[:], meta.ID[len(meta.ID)-len(sc.SpanID):])
	return unsampled{noop.Span{}, trace.NewSpanContext(sc)}
}

// unsampled is a span that records nothing and has a span context.
type unsampled struct {
	noop.Span
	of trace.SpanContext
}

func (u unsampled) SpanContext() trace.SpanContext { return u.of }
