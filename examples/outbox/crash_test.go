package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/intercept"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
)

// crashAfter returns a backend whose program dies when it has stored some events: the last one is stored, and the
// relay has not noted it.
func crashAfter(events int, real necro.Backend) necro.Backend {
	return intercept.New(real, intercept.Calls{
		Publish: func(ctx context.Context, b necro.Backend, msgs []necro.Message, options contract.PublishOptions) (contract.Duplicates, error) {
			duplicates, err := b.Publish(ctx, msgs, options)
			if events--; err == nil && events == 0 {
				os.Exit(crashed)
			}
			return duplicates, err
		},
	})
}

const crashed = 73

// TestMain is the program that crashes, when TestCrash asks for it.
func TestMain(m *testing.M) {
	if path := os.Getenv("OUTBOX_CRASH_DB"); path != "" {
		if err := crash(path); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// crash relays until the process ends.
func crash(path string) error {
	db, err := openDatabase(context.Background(), path)
	if err != nil {
		return err
	}
	backend, err := redisstream.FromEnv()
	if err != nil {
		return err
	}
	spine, err := necro.New(crashAfter(3, backend))
	if err != nil {
		return err
	}
	_, err = newRelay(db, spine).relayBatch(context.Background())
	return errors.Join(err, errors.New("did not crash"))
}

// TestCrash ends a process between publish and mark, with real things: a file, a redis server,
// and another process that goes on. Each order is confirmed once.
func TestCrash(t *testing.T) {
	url := redistest.Shared(t).URL()
	path := filepath.Join(t.TempDir(), "shop.db")
	s := openShop(t, path)
	s.place(5)

	cmd := exec.CommandContext(s.ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "OUTBOX_CRASH_DB="+path, redisstream.EnvURL+"="+url)
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != crashed {
		t.Fatalf("the program did not crash: %v\n%s", err, out)
	}
	if n := s.count(`SELECT count(*) FROM outbox WHERE sent > 0`); n != 0 {
		t.Fatalf("%d rows are marked: it crashed too late", n)
	}

	backend, err := redisstream.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	spine, letters := s.open(backend)
	if parked := backend.Health(s.ctx).Parked; len(parked) != 1 || parked[0].Parked != 3 {
		t.Fatalf("the program has published %v, want 3: the fault did not bite", parked)
	}
	r := newRelay(s.db, spine)
	r.now = later(r.lease + time.Second)
	s.relayAll(r)
	s.confirmed(spine, letters, 5)
}
