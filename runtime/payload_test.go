package necro_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/wire"
)

// letter is an event of some 300 bytes.
type letter struct{ lines [8]string }

var letterType = contract.EventType{
	Name: "LETTER", Version: 1,
	New: func() necro.Event { return new(letter) },
	Is:  func(e necro.Event) bool { l, ok := e.(*letter); return ok && l != nil },
}

func (*letter) NecroEvent() *contract.EventType { return &letterType }
func (*letter) Validate() error                 { return nil }

func (l *letter) AppendMsgpack(b []byte) ([]byte, error) {
	b = wire.AppendArrayLen(b, len(l.lines))
	for _, line := range l.lines {
		b = wire.AppendString(b, line)
	}
	return b, nil
}

func (l *letter) ReadMsgpack(b []byte) ([]byte, error) {
	in := wire.Copy(b)
	_, s, err := wire.ReadArrayOf(in, len(l.lines))
	for i := range l.lines {
		if err == nil {
			s, err = wire.ReadString(s, &l.lines[i])
		}
	}
	return wire.Rest(b, in, s, err)
}

func newLetter() *letter {
	l := new(letter)
	for i := range l.lines {
		l.lines[i] = strings.Repeat("a line ", 5)
	}
	return l
}

// copier answers letters with letters.
type copier struct{ answers bool }

func (c copier) NecroOrgan() contract.OrganSpec {
	return contract.OrganSpec{Name: "copier", Path: "test", Routes: []contract.Route{{
		Event: &letterType, Method: "Copy", Emits: []*contract.EventType{&letterType},
		Handle: func(_ context.Context, e necro.Event, out *contract.Emissions) error {
			if c.answers {
				out.Add(e)
			}
			return nil
		},
	}}}
}

// far stands for a backend that stores bytes. It hands out the same deliveries again and
// again, and stores nothing: what takes time is the spine.
type far struct {
	ds     []contract.Delivery
	left   atomic.Int64  // to be fetched
	open   atomic.Int64  // to be settled
	done   chan struct{} // closed when none is left
	settle time.Duration // how long it takes for each outcome
}

func newFar(tb testing.TB, deliveries int) *far {
	f := &far{done: make(chan struct{})}
	f.left.Store(int64(deliveries))
	f.open.Store(int64(deliveries))
	payload, err := newLetter().AppendMsgpack(nil)
	if err != nil {
		tb.Fatal(err)
	}
	bare := &contract.EventType{Name: letterType.Name, Version: letterType.Version}
	for range 512 {
		f.ds = append(f.ds, contract.Delivery{Message: necro.Message{ID: necro.NewID(), Type: bare, Payload: payload}})
	}
	return f
}

func (*far) NeedsPayload() bool                     { return true }
func (*far) Health(context.Context) contract.Health { return contract.Health{} }
func (*far) Close() error                           { return nil }

func (*far) Publish(context.Context, []necro.Message, contract.PublishOptions) (contract.Duplicates, error) {
	return nil, nil
}

func (*far) PublishOne(context.Context, necro.Message, contract.PublishOptions) (bool, error) {
	return false, nil
}

func (f *far) Subscribe(context.Context, []contract.Subscription) ([]contract.Consumer, error) {
	return []contract.Consumer{farConsumer{f}}, nil
}

type farConsumer struct{ *far }

func (c farConsumer) Fetch(ctx context.Context, limit int) ([]contract.Delivery, error) {
	n := min(int64(limit), int64(len(c.ds)), c.left.Load())
	if n == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	c.left.Add(-n)
	return c.ds[:n], nil
}

func (c farConsumer) Settle(_ context.Context, outcomes []contract.Outcome) (contract.Results, error) {
	if c.settle > 0 {
		time.Sleep(c.settle * time.Duration(len(outcomes)))
	}
	if c.open.Add(-int64(len(outcomes))) == 0 {
		close(c.done)
	}
	return nil, nil
}

func (farConsumer) Extend(context.Context, []*contract.Delivery) ([]*contract.Delivery, error) {
	return nil, nil
}
func (farConsumer) Release(context.Context, []*contract.Delivery) error { return nil }

// BenchmarkBytes is the spine's own work on a backend that stores bytes.
func BenchmarkBytes(b *testing.B) {
	b.Run("Publish", publishBytes)
	b.Run("Handle", func(b *testing.B) { handleBytes(b, newFar(b, b.N), copier{}) })
	b.Run("HandleAndEmit", func(b *testing.B) { handleBytes(b, newFar(b, b.N), copier{answers: true}) })
}

func publishBytes(b *testing.B) {
	s, err := necro.New(newFar(b, 0))
	if err != nil {
		b.Fatal(err)
	}
	ctx, l := b.Context(), newLetter()
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Publish(ctx, l); err != nil {
			b.Fatal(err)
		}
	}
}

func handleBytes(b *testing.B, f *far, organ necro.Organ) {
	s, err := necro.New(f, necro.WithOrgans(organ), necro.WithLogger(nil))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	b.ReportAllocs()
	b.ResetTimer()
	go func() { ended <- s.Run(ctx) }()
	<-f.done
	b.StopTimer()
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}
