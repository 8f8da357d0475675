package service

import (
	"context"
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// gateVariable turns this test program into a service. Its value is the path of a file: requests to /slow and handlers end when that
// is there.
const gateVariable = "SERVICE_TEST_GATE"

func TestMain(m *testing.M) {
	if gate := os.Getenv(gateVariable); gate != "" {
		Exit(Run(context.Background(), testService(gate)))
	}
	os.Exit(m.Run())
}

// testService is a service whose requests publish a job for its organ.
func testService(gate string) Config {
	mux := http.NewServeMux()
	return Config{
		Organs: []necro.Organ{&worker{gate}},
		HTTP:   mux,
		Setup: func(_ context.Context, spine *necro.Spine) error {
			publish := func(w http.ResponseWriter, r *http.Request) {
				if err := spine.Publish(r.Context(), &job{}); err != nil {
					http.Error(w, err.Error(), http.StatusServiceUnavailable)
				}
			}
			mux.HandleFunc("POST /fast", publish)
			mux.HandleFunc("POST /slow", func(w http.ResponseWriter, r *http.Request) {
				http.NewResponseController(w).Flush()
				awaitGate(gate)
				publish(w, r)
			})
			return nil
		},
	}
}

// awaitGate returns when a file is there.
func awaitGate(gate string) {
	for {
		if _, err := os.Stat(gate); err == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// job is an event.
type job struct{}

var jobType = contract.EventType{
	Name: "SERVICE_JOB", Version: 1,
	New: func() necro.Event { return new(job) },
	Is:  func(e necro.Event) bool { j, ok := e.(*job); return ok && j != nil },
}

func (*job) NecroEvent() *contract.EventType        { return &jobType }
func (*job) Validate() error                        { return nil }
func (*job) AppendMsgpack(b []byte) ([]byte, error) { return append(b, 0x80), nil }
func (*job) ReadMsgpack(b []byte) (rest []byte, err error) {
	if len(b) == 0 {
		return b, errors.New("no bytes")
	}
	return b[1:], nil
}

// worker is an organ whose handler waits for the gate, whatever becomes of its context.
type worker struct{ gate string }

func (o *worker) NecroOrgan() contract.OrganSpec {
	return contract.OrganSpec{Name: "service.Worker", Path: "test", Routes: []contract.Route{{
		Event: &jobType, Method: "Work",
		Handle: func(ctx context.Context, _ necro.Event, _ *contract.Emissions) error {
			os.Stderr.WriteString("{\"msg\":\"working\"}\n")
			awaitGate(o.gate)
			return nil
		},
	}}}
}
