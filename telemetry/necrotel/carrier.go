package necrotel

import (
	"context"
	"maps"
	"slices"

	"go.opentelemetry.io/otel/propagation"

	necro "github.com/necrostack/necrogen/runtime"
)

// received reads the headers that an event came with.
type received map[string]string

func (h received) Get(key string) string { return h[key] }
func (h received) Set(string, string)    {}
func (h received) Keys() []string        { return slices.Collect(maps.Keys(h)) }

// published writes headers of messages that are about to be stored.
type published []necro.Message

func (p published) Get(key string) string { return p[0].Headers[key] }
func (p published) Keys() []string        { return received(p[0].Headers).Keys() }

func (p published) Set(key, value string) {
	for i := range p {
		p[i].SetHeader(key, value)
	}
}

// emitted writes headers of what a call of a handler emits.
type emitted struct{ ctx context.Context }

func (emitted) Get(string) string       { return "" }
func (emitted) Keys() []string          { return nil }
func (e emitted) Set(key, value string) { necro.SetEmitHeader(e.ctx, key, value) }

var _ = []propagation.TextMapCarrier{received{}, published{}, emitted{}}
