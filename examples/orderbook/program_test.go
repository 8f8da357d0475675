package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/clitest"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// outcome is what a run of the program did.
type outcome = clitest.Outcome

// programVariable turns this test into the program.
const programVariable = "ORDERBOOK_PROGRAM"

// TestMain keeps away from the Redis that whoever runs the tests may use. The prompt waits longer than on a quiet machine.
func TestMain(m *testing.M) {
	answerTime, restTime = time.Minute, time.Minute
	os.Unsetenv(redisstream.EnvURL)
	if os.Getenv(programVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// runArgs runs the program with these arguments and this input.
func runArgs(ctx context.Context, stdin io.Reader, args ...string) outcome {
	return clitest.Run(func(stdout, stderr io.Writer) int { return runProgram(ctx, args, stdin, stdout, stderr) })
}

// TestSample compares the report of the sample orders with the stored one, but for what
// depends on the machine.
func TestSample(t *testing.T) {
	want, err := os.ReadFile("testdata/report.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"testdata/orders.csv"}} {
		got := runArgs(t.Context(), nil, append([]string{"-latency", "0"}, args...)...)
		report, _, _ := strings.Cut(got.Stdout, "  work ")
		if got.Code != cli.ExitDone || got.Stderr != "" || report != string(want) {
			t.Errorf("exit code %d, stderr %q, report\n%s", got.Code, got.Stderr, report)
		}
	}
}

// TestSampleOnRedis reports the same as on memory. The books outlive the run: the next one
// goes on with them, after it has finished the orders that another run has left.
func TestSampleOnRedis(t *testing.T) {
	server := redistest.Start(t)
	want, err := os.ReadFile("testdata/report.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := runArgs(t.Context(), nil, "-latency", "0", "-redis", server.URL())
	report, _, _ := strings.Cut(got.Stdout, "  work ")
	if got.Code != cli.ExitDone || got.Stderr != "" || report != string(want) {
		t.Errorf("exit code %d, stderr %q, report\n%s", got.Code, got.Stderr, report)
	}
	leaveOrders(t, server.URL(), 20)
	got = runArgs(t.Context(), strings.NewReader(header+"zoe,AAPL,BUY,MARKET,1,\n"), "-failures", "0", "-redis", server.URL(), "-")
	got.Expect(t, cli.ExitDone, []string{"Statistics\n  before   ", "orders   1: ", " 0 lost\n", "zoe "},
		[]string{"orderbook: an earlier run left 40 deliveries, they are finished first: this may take half a minute\n"})
}

// leaveOrders publishes random orders, and leaves them to others.
func leaveOrders(t *testing.T, url string, n uint64) {
	t.Helper()
	o := &options{log: slog.New(slog.DiscardHandler)}
	backend, err := cli.Open(t.Context(), url, "orderbook", o.log, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	earlier, err := newExchange(t.Context(), o, outside{backend: backend})
	if err != nil {
		t.Fatal(err)
	}
	if err := newFlow(1, 1000).publishRandom(t.Context(), earlier, n); err != nil {
		t.Fatal(err)
	}
}

func TestFiles(t *testing.T) {
	got := runArgs(t.Context(), strings.NewReader(header+"zoe,AAPL,BUY,MARKET,1,\n"), "testdata/orders.json", "--failures", "0", "-")
	got.Expect(t, cli.ExitDone, []string{"orders   5: 2 filled, 3 cancelled", "AAPL: no open orders, last trade at 150.50"}, nil)
}

func TestMistakesAreReportedAndTheRestGoesOn(t *testing.T) {
	got := runArgs(t.Context(), nil, "-failures", "0", "testdata/mistakes.csv")
	got.Expect(t, cli.ExitWrong, []string{"orders   2: 1 filled", "trades   1: 1 settled"}, []string{
		"testdata/mistakes.csv:3: ORDER_SUBMITTED is invalid: side: must be one of BUY, SELL\n",
		"testdata/mistakes.csv:4: quantity: \"ten\" is not a whole number; price: \"cheap\" is not a price",
		"testdata/mistakes.csv:5: 5 fields where the header has 6: a field with a comma stands in quotes\n",
		"testdata/mistakes.csv:6: ORDER_SUBMITTED is invalid: a limit order needs a price\n",
		"testdata/mistakes.csv:7: ORDER_SUBMITTED is invalid: quantity: must be greater than 0\n",
		"testdata/mistakes.csv:8:3: a quote inside of a field: put the whole field in quotes, and double the quotes in it\n",
	})
}

func TestDeadLettersAndBreachesAreShown(t *testing.T) {
	got := runArgs(t.Context(), nil, "-failures", "1", "-seed", "2", "-limit", "10", "-log-level", "warn", "-log-format", "json", "testdata/orders.json")
	got.Expect(t, cli.ExitDone, []string{"Trades not settled\n", "0 settled, 2 dead letters, 0 lost"}, []string{`"msg":"dead letter"`})
	for line := range strings.Lines(got.Stderr) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	got = runArgs(t.Context(), nil, "-failures", "0", "-limit", "60", "testdata/orders.json")
	got.Expect(t, cli.ExitDone, []string{"Positions over their limit\n", "bob AAPL           70 shares, limit 60\n", "alice AAPL           -"}, nil)
}

func TestAuditTrail(t *testing.T) {
	name := filepath.Join(t.TempDir(), "trail.jsonl")
	got := runArgs(t.Context(), nil, "-failures", "0", "-audit", name, "testdata/orders.json")
	got.Expect(t, cli.ExitDone, []string{"work     18 events"}, nil)
	trail, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range bytes.Lines(trail) {
		var e struct {
			Type, ID string
			Event    map[string]any
		}
		if err := json.Unmarshal(line, &e); err != nil || e.Type == "" || len(e.ID) != 36 || len(e.Event) == 0 {
			t.Errorf("line %s: %v", line, err)
		}
		lines++
	}
	if lines != 18 || !bytes.Contains(trail, []byte(`"Price":150.50`)) {
		t.Errorf("%d lines, want 18, with decimal prices:\n%s", lines, trail)
	}
}

func TestCannotRun(t *testing.T) {
	for _, test := range []struct {
		args   []string
		stderr string
	}{
		{[]string{"nosuch.csv"}, "orderbook: nosuch.csv: there is no such file or folder\n"},
		{[]string{"testdata"}, "orderbook: testdata: is a folder, not a file\n"},
		{[]string{"-audit", "nosuch/trail", "testdata/orders.json"}, "orderbook: nosuch/trail: there is no such file or folder\n"},
		{[]string{"-redis", "redis://127.0.0.1:1"}, "orderbook: redis cannot be reached: is redis-server running? dial tcp 127.0.0.1:1: connect: connection refused\n"},
		{[]string{"-redis", "http://localhost"}, "orderbook: redisstream: the URL begins with http://: need redis://, rediss:// or unix://\n"},
		{[]string{"-log-format", "xml"}, `log format "xml": need text or json`},
		{[]string{"-log-level", "loud"}, `log level "loud": need debug, info, warn or error`},
		{[]string{"-failures", "2"}, "--failures 2: need a share from 0 to 1"},
		{[]string{"-stress", "5", "testdata/orders.json"}, "--stress takes no files"},
		{[]string{"-max-value", "much"}, "is not a price"},
		{[]string{"-nosuch"}, "flag provided but not defined"},
	} {
		got := runArgs(t.Context(), nil, test.args...)
		got.Expect(t, cli.ExitUsage, nil, []string{test.stderr})
		if got.Stdout != "" {
			t.Errorf("%q: wrote a report", test.args)
		}
	}
}

func TestHelp(t *testing.T) {
	runArgs(t.Context(), nil, "--help").Expect(t, cli.ExitDone, []string{"usage: orderbook", "examples:", "exit codes:", "--stress orders"}, nil)
}

func TestStress(t *testing.T) {
	orders := number(20_000)
	runArgs(t.Context(), nil, "-stress", fmt.Sprint(orders)).Expect(t, cli.ExitDone,
		[]string{"orders   " + cli.Count(orders) + ": ", " 0 lost\n", " orders/s, ", "memory   "}, nil)
}

// interrupting cancels when it is read a second time, and has more to read.
type interrupting struct {
	orders io.Reader
	cancel func()
	reads  int
}

func (r *interrupting) Read(p []byte) (int, error) {
	if r.reads++; r.reads == 3 {
		r.cancel()
	}
	return r.orders.Read(p[:min(len(p), 4096)])
}

func TestInterruptFinishesWhatWasTakenIn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	orders := header + strings.Repeat("a,X,BUY,LIMIT,1,2\nb,X,SELL,LIMIT,1,2\n", 1000)
	stdin := &interrupting{orders: strings.NewReader(orders), cancel: cancel}
	got := runArgs(ctx, stdin, "-failures", "0", "-latency", "0", "-")
	got.Expect(t, cli.ExitInterrupted, []string{" 0 lost\n", "Trade "}, []string{"interrupted: what had been taken in was finished"})
	if strings.Contains(got.Stdout, "orders   2,000:") {
		t.Error("all orders were taken in")
	}
}

// TestInterruptOnRedis interrupts a call that stores orders, as the program does little else.
func TestInterruptOnRedis(t *testing.T) {
	server := redistest.Start(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for client.XLen(ctx, "necro:{orderbook:0}:q:gate").Val() == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	got := runArgs(ctx, nil, "-redis", server.URL(), "-stress", "1000000")
	got.Expect(t, cli.ExitInterrupted, []string{" resting, 0 lost\n", " dead letters, 0 lost\n"}, []string{"interrupted: what had been taken in was finished"})
}
