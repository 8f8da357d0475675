package necroctl_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
	"github.com/necrostack/necrogen/necroctl"
	"github.com/necrostack/necrogen/runtime/contract"
)

// run runs a verb on the namespace shop of a server, and returns its exit code and all that it writes.
func run(t *testing.T, url string, args ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	ctl := necroctl.Command{Stdout: &out, Stderr: &out}
	code = ctl.Run(t.Context(), append(args, "-namespace", "shop", "-redis", url))
	return code, out.String()
}

// consume subscribes an organ until the test ends.
func consume(t *testing.T, url string) contract.Consumer {
	t.Helper()
	b, err := redisstream.Open(url, redisstream.WithNamespace("shop"), redisstream.WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	placed := &contract.EventType{Name: "PLACED", Version: 1}
	cs, err := b.Subscribe(t.Context(), []contract.Subscription{{
		Organ: "billing", Path: "example.com/shop", Events: []*contract.EventType{placed},
		Lease: time.Minute, DeadLimit: 10, DeadBytes: 1 << 20, Pack: 1, Order: contract.OrderStrict,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return cs[0]
}

// TestDryRunSaysWhatTheRunWould: an organ with consumers is removed by neither.
func TestDryRunSaysWhatTheRunWould(t *testing.T) {
	url := redistest.Start(t).URL()
	deadLetter(t, url)
	consume(t, url)
	for _, flag := range []string{"-dry-run", "-yes"} {
		code, said := run(t, url, "remove-organ", "billing", flag)
		if code != necroctl.ExitError || said != "necroctl: organ billing has 1 consumers: stop them first\n" {
			t.Errorf("%s: exit code %d: %s", flag, code, said)
		}
	}
}

// TestFinalErrorIsFinal: of what the server refused nobody is told that it may be stored.
func TestFinalErrorIsFinal(t *testing.T) {
	server := redistest.Start(t)
	deadLetter(t, server.URL())
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	if err := client.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	code, said := run(t, server.URL(), "publish", "PLACED", "{}")
	if code != necroctl.ExitError || !strings.Contains(said, "no memory left") || strings.Contains(said, "may be stored") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// TestEmptyCellsKeepTheirColumns: who splits a table at blanks finds each column in its place, also
// behind a dead letter without a reason.
func TestEmptyCellsKeepTheirColumns(t *testing.T) {
	server := redistest.Start(t)
	deadLetter(t, server.URL())
	c := consume(t, server.URL())
	ds, err := c.Fetch(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Settle(t.Context(), []contract.Outcome{{Delivery: &ds[0], Kind: contract.OutcomeDead, Death: &contract.Death{Error: "unknown"}}}); err != nil {
		t.Fatal(err)
	}
	_, said := run(t, server.URL(), "dead", "ls")
	lines := strings.Split(strings.TrimSpace(said), "\n")
	row := strings.Fields(lines[len(lines)-1])
	if len(row) != len(strings.Fields(lines[0])) || row[3] != "-" || row[6] != "unknown" {
		t.Errorf("the table is\n%s", said)
	}
}
