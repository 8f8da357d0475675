package necrotel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/necrotel"
)

// urlVariable turns this test program into the second process, which works on that Redis.
const urlVariable = "NECROTEL_TEST_REDIS_URL"

func TestMain(m *testing.M) {
	if url := os.Getenv(urlVariable); url != "" {
		if err := depot(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// span is what the second process tells of one.
type span struct{ Name, Trace, ID, Parent string }

// depot runs the middle one of three organs for one event, and prints its span.
func depot(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	provider, kept := recorder()
	backend, err := redisstream.Open(url)
	if err != nil {
		return err
	}
	defer backend.Close()
	s, err := necro.New(backend, necrotel.Trace(provider), necro.WithOrgans(&Depot{}), necro.WithMaxSteps(1))
	if err != nil {
		return err
	}
	if err := s.Run(ctx); err != nil && len(kept.GetSpans()) != 1 {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(told(kept.GetSpans()[0]))
}

func told(s tracetest.SpanStub) span {
	return span{s.Name, s.SpanContext.TraceID().String(), s.SpanContext.SpanID().String(), s.Parent.SpanID().String()}
}

// TestAChainOverTwoProcessesIsOneTrace: of three organs the middle one is in another process.
func TestAChainOverTwoProcessesIsOneTrace(t *testing.T) {
	url := redistest.Start(t).URL()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	provider, kept := recorder()
	backend, err := redisstream.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	s, err := necro.New(backend, necrotel.Trace(provider), necro.WithOrgans(&Till{}, &Desk{stop}))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(ctx, &Ordered{1}); err != nil {
		t.Fatal(err)
	}
	// ctx ends with the last handler, and the other process may have something to say yet.
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), urlVariable+"="+url)
	child.Stderr = os.Stderr
	out := make(chan []byte, 1)
	go func() {
		b, _ := child.Output() // what is wrong shows in the output
		out <- b
	}()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	var middle span
	if text := <-out; json.Unmarshal(text, &middle) != nil {
		t.Fatalf("the other process printed %q", text)
	}
	oneTrace(t, kept.GetSpans(), middle)
}

// oneTrace wants the spans of a publish and of three handlers to be a chain.
func oneTrace(t *testing.T, own tracetest.SpanStubs, middle span) {
	t.Helper()
	if len(own) != 3 {
		t.Fatalf("%d spans in this process, want 3: %v", len(own), own)
	}
	list := []span{told(own[0]), told(own[1]), middle, told(own[2])}
	for i, s := range list {
		if s.Trace != list[0].Trace {
			t.Errorf("%q is of another trace", s.Name)
		}
		if i > 0 && s.Parent != list[i-1].ID {
			t.Errorf("the parent of %q is not %q: %v", s.Name, list[i-1].Name, list)
		}
	}
	if id, _ := trace.TraceIDFromHex(list[0].Trace); !id.IsValid() {
		t.Error("the trace has no id")
	}
}
