package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
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

// TestMain keeps away from the Redis that whoever runs the tests may use. With an argument it
// is the program, for tests that start one.
func TestMain(m *testing.M) {
	os.Unsetenv(redisstream.EnvURL)
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// asProgram in the environment makes the test binary the program.
const asProgram = "NOTIFICATIONS_AS_PROGRAM"

// runArgs runs the program with these arguments and this input.
func runArgs(ctx context.Context, stdin io.Reader, args ...string) outcome {
	return clitest.Run(func(stdout, stderr io.Writer) int { return runProgram(ctx, args, stdin, stdout, stderr) })
}

// TestSample compares the report of the sample notifications with the stored one, but for what
// depends on the machine: on memory, and on Redis, where it is run twice.
func TestSample(t *testing.T) {
	server := redistest.Start(t)
	want, err := os.ReadFile("testdata/report.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"testdata/notifications.csv"}, {"-redis", server.URL()}} {
		got := runArgs(t.Context(), nil, append([]string{"-latency", "0"}, args...)...)
		report, _, _ := strings.Cut(got.Stdout, "  work ")
		if got.Code != cli.ExitDone || report != string(want) {
			t.Errorf("%q: exit code %d, stderr %q, report\n%s", args, got.Code, got.Stderr, report)
		}
	}
	got := runArgs(t.Context(), nil, "-latency", "0", "-failures", "0", "-blocked", "", "-redis", server.URL())
	got.Expect(t, cli.ExitDone, []string{"9 completed, 0 with dead letters, 1 rejected, 0 lost\n", "earlier  1 dead letter of earlier runs, 0 of them sent now\n",
		"gateway  took 14 messages, dropped 0 repeats, failed 0 calls, refused 0 calls\n"}, nil)
}

func TestFiles(t *testing.T) {
	stdin := strings.NewReader("message,user_id,priority,channels\nHello,zoe,,sms | Push\n")
	got := runArgs(t.Context(), stdin, "testdata/more.json", "--failures", "0", "-")
	got.Expect(t, cli.ExitDone, []string{
		"asked    3 notifications: 3 completed, 0 with dead letters, 0 rejected, 0 lost\n",
		"        40 sms    +15550100002             Your code is 314 159\n", "         3 push   device-zoe               Hello\n",
	}, nil)
}

func TestMistakesAreReportedAndTheRestGoesOn(t *testing.T) {
	got := runArgs(t.Context(), nil, "-failures", "0", "testdata/mistakes.csv")
	got.Expect(t, cli.ExitWrong, []string{"asked    2 notifications: 2 completed"}, []string{
		"testdata/mistakes.csv:3: NOTIFICATION_REQUESTED is invalid: channels[0]: must be one of email, sms, push\n",
		"testdata/mistakes.csv:4: NOTIFICATION_REQUESTED is invalid: priority: must be one of low, normal, high\n",
		"testdata/mistakes.csv:5: 2 fields where the header has 4: a field with a comma stands in quotes\n",
		"testdata/mistakes.csv:6: NOTIFICATION_REQUESTED is invalid: user_id: is required\n",
		"testdata/mistakes.csv:7: NOTIFICATION_REQUESTED is invalid: channels: is required\n",
		"testdata/mistakes.csv:8:3: a quote inside of a field: put the whole field in quotes, and double the quotes in it\n",
		"testdata/mistakes.csv:9: NOTIFICATION_REQUESTED is invalid: message: is required\n",
		"testdata/mistakes.csv:10: NOTIFICATION_REQUESTED is invalid: channels: must not have equal elements\n",
	})
	long := strings.NewReader(`[{"user_id":"ada","channels":["sms"],"message":"` + strings.Repeat("ä", longestSMS+1) + `","notification_id":"x"},` +
		`{"user_id":"ada","channels":["sms"],"message":"` + strings.Repeat("ä", longestSMS+1) + `"}]`)
	runArgs(t.Context(), long, "-").Expect(t, cli.ExitWrong, nil, []string{
		`standard input:1: notification_id: "x" is not a whole number`,
		"standard input:1: NOTIFICATION_REQUESTED is invalid: message: must have at most 480 characters to be sent as sms\n"})
}

func TestUsersOfAFile(t *testing.T) {
	got := runArgs(t.Context(), nil, "-failures", "0", "-users", "testdata/users.csv")
	got.Expect(t, cli.ExitDone, []string{"        10 ivan                            there is no such user\n"}, []string{"is blocked"})
	got = runArgs(t.Context(), nil, "-users", "testdata/users_mistakes.csv")
	got.Expect(t, cli.ExitUsage, nil, []string{
		`users_mistakes.csv:2: email: "ada at example.com" is not an address such as ada@example.com`,
		`users_mistakes.csv:3: phone: "555 0100" is not a number such as +15550100001, with the country in front and no spaces`,
		`users_mistakes.csv:5: user_id: "carol" stands further up already`,
		"users_mistakes.csv:6: user_id: is required",
	})
}

func TestDeadLettersAreShownAndLogged(t *testing.T) {
	got := runArgs(t.Context(), nil, "-failures", "0.4", "-latency", "0", "-seed", "4", "-log-level", "warn", "-log-format", "json", "-show", "1", "testdata/more.json", "-blocked", "ada@example.com,device-ada")
	got.Expect(t, cli.ExitDone, []string{"Dead letters, 1 of 2\n", "asked    2 notifications: 1 completed, 1 with dead letters, 0 rejected, 0 lost\n"}, []string{`"msg":"dead letter"`, `"msg":"failed, will be tried again"`})
	for line := range strings.Lines(got.Stderr) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestAuditTrail(t *testing.T) {
	name := filepath.Join(t.TempDir(), "trail.jsonl")
	got := runArgs(t.Context(), nil, "-failures", "0", "-audit", name, "testdata/more.json")
	got.Expect(t, cli.ExitDone, []string{"work     12 events"}, nil)
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
	if lines != 12 || !bytes.Contains(trail, []byte(`"to":"ada@example.com"`)) {
		t.Errorf("%d lines, want 12:\n%s", lines, trail)
	}
}

func TestCannotRun(t *testing.T) {
	for _, test := range []struct {
		args   []string
		stderr string
	}{
		{[]string{"nosuch.csv"}, "notifications: nosuch.csv: there is no such file or folder\n"},
		{[]string{"testdata"}, "notifications: testdata: is a folder, not a file\n"},
		{[]string{"-users", "nosuch.csv"}, "notifications: nosuch.csv: there is no such file or folder\n"},
		{[]string{"-audit", "nosuch/trail"}, "notifications: nosuch/trail: there is no such file or folder\n"},
		{[]string{"-redis", "redis://127.0.0.1:1"}, "notifications: redis cannot be reached: is redis-server running?"},
		{[]string{"-smtp", "localhost"}, "--smtp localhost: need a host and a port, as in localhost:25"},
		{[]string{"-gateway", "localhost:8080"}, "--gateway localhost:8080: need a URL, as in http://localhost:8080"},
		{[]string{"-from", "me"}, "--from me: need an address, as in shop@example.com"},
		{[]string{"-log-format", "xml"}, `log format "xml": need text or json`},
		{[]string{"-failures", "2"}, "--failures 2: need a share from 0 to 1"},
		{[]string{"-down", "-1s"}, "--latency, --down and --show are not negative"},
		{[]string{"-stress", "5", "x.json"}, "--stress takes no files"},
		{[]string{"-interactive", "x.json"}, "--interactive takes no files"},
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
	runArgs(t.Context(), nil, "--help").Expect(t, cli.ExitDone, []string{"usage: notifications", "examples:", "exit codes:", "--smtp host:port", "--gateway URL"}, nil)
}

// TestStress counts what was asked for against what the gateway took, among failures.
func TestStress(t *testing.T) {
	for _, args := range [][]string{{"-stress", "3000"}, {"-stress", "300", "-failures", "0.05", "-show", "0"}} {
		got := runArgs(t.Context(), nil, args...)
		got.Expect(t, cli.ExitDone, []string{" 0 with dead letters, 0 rejected, 0 lost\n", " notifications/s, ", "memory   "}, nil)
		if strings.Count(got.Stdout, " 0 dead letters, 0 lost\n") != len(channels) {
			t.Errorf("%q:\n%s", args, got.Stdout)
		}
	}
}

// interrupting cancels when it is read a third time, and has more to read.
type interrupting struct {
	notifications io.Reader
	cancel        func()
	reads         int
}

func (r *interrupting) Read(p []byte) (int, error) {
	if r.reads++; r.reads == 3 {
		r.cancel()
	}
	return r.notifications.Read(p[:min(len(p), 4096)])
}

func TestInterruptFinishesWhatWasTakenIn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lines := "user_id,channels,message,priority\n" + strings.Repeat("ada,push,Hello,\nbob,push,Hello,low\n", 1000)
	stdin := &interrupting{notifications: strings.NewReader(lines), cancel: cancel}
	got := runArgs(ctx, stdin, "-failures", "0", "-latency", "0", "-")
	got.Expect(t, cli.ExitInterrupted, []string{" 0 with dead letters, 0 rejected, 0 lost\n"}, []string{"interrupted: what had been taken in was finished"})
	if strings.Contains(got.Stdout, "asked    2,000 ") {
		t.Error("all notifications were taken in")
	}
}

// TestInterruptOnRedis interrupts a call that stores notifications, as the program does little else.
func TestInterruptOnRedis(t *testing.T) {
	server := redistest.Start(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for client.XLen(ctx, "necro:{notifications:0}:q:validator").Val() == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	got := runArgs(ctx, nil, "-redis", server.URL(), "-stress", "1000000")
	got.Expect(t, cli.ExitInterrupted, []string{" 0 with dead letters, 0 rejected, 0 lost\n"}, []string{"interrupted: what had been taken in was finished"})
}
