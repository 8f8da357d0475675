package main

import (
	"os"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// TestMain makes the test binary a worker, too.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "worker" {
		os.Exit(playRole(os.Args[2]))
	}
	os.Exit(m.Run())
}

// A worker that is stopped as soon as it is started, or while it binds, ends well: a rollout may be that quick.
func TestStopOfAWorkerThatJustStarted(t *testing.T) {
	server := redistest.Start(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		r := role{Address: address{URL: server.URL()}, Release: release{Order: "key"}, Lease: 2 * time.Second}
		c, err := startChild(program, t.TempDir(), "worker", r)
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			<-c.listens
			time.Sleep(time.Duration(i) * time.Millisecond) // into different steps of its start
		}
		if err := c.stop(); err != nil {
			t.Errorf("stop %d: %v", i, err)
		}
	}
}
