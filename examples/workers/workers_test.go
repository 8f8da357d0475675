package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/poll"
	"github.com/redis/go-redis/v9"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// argsVariable turns this test into the program, with these arguments.
const argsVariable = "WORKERS_ARGS"

func TestMain(m *testing.M) {
	if args := os.Getenv(argsVariable); args != "" {
		os.Args = append(os.Args[:1], strings.Fields(args)...)
		main()
	}
	os.Exit(m.Run())
}

// process is a worker that runs, and the jobs that it told of.
type process struct {
	*exec.Cmd
	read sync.WaitGroup

	mu   sync.Mutex
	jobs []string
}

func startWorker(t *testing.T, args string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0])}
	p.Env, p.Stderr = append(os.Environ(), argsVariable+"="+args), os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	p.read.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "job ") {
				p.mu.Lock()
				p.jobs = append(p.jobs, lines.Text())
				p.mu.Unlock()
			}
		}
	})
	return p
}

func (p *process) did() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.jobs)
}

// end waits until the process is gone, and all that it told is read.
func (p *process) end() error {
	p.read.Wait()
	return p.Wait()
}

// call runs the program within the test.
func call(t *testing.T, args ...string) (code int, output string) {
	var out bytes.Buffer
	code = runProgram(t.Context(), args, &out, &out)
	return code, out.String()
}

// TestKilledWorker kills one of two workers in the middle of its jobs. Every job was done at
// least once, and has exactly one receipt.
func TestKilledWorker(t *testing.T) {
	const jobs = 600
	server := redistest.Start(t)
	t.Setenv(redisstream.EnvURL, server.URL())
	if code, output := call(t, "publish", fmt.Sprint(jobs)); code != cli.ExitDone || output != "stored 600 jobs\n" {
		t.Fatalf("publish: %d %s", code, output)
	}
	victim, other := startWorker(t, "work -lease 1s"), startWorker(t, "work -lease 1s")
	poll.Until(t, "both work", func() bool { return victim.did() >= 20 && other.did() >= 20 })
	victim.Process.Kill()
	victim.end()
	if pending(t, server, victim.Process.Pid) == 0 {
		t.Fatal("the worker that was killed had nothing in hand")
	}
	backend, err := cli.Open(t.Context(), server.URL(), "workers", slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	p := program{backend: backend}
	poll.Until(t, "the other one does all jobs", func() bool { return p.countLeft(t.Context()) == 0 })
	other.Process.Signal(os.Interrupt)
	if err := other.end(); err != nil {
		t.Error(err)
	}
	done := map[string]bool{}
	for _, job := range append(victim.jobs, other.jobs...) {
		done[job] = true
	}
	if len(done) != jobs {
		t.Errorf("%d of %d jobs were done", len(done), jobs)
	}
	if code, output := call(t, "collect"); code != cli.ExitDone || !strings.HasPrefix(output, "600 receipts for 600 jobs; 0 jobs are not done\n") {
		t.Errorf("collect: %d %s", code, output)
	}
}

// pending returns how many deliveries a process holds.
func pending(t *testing.T, server *redistest.Server, pid int) (n int64) {
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	consumers, err := client.XInfoConsumers(t.Context(), "necro:{workers:0}:q:worker", "necro").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range consumers {
		if strings.Contains(c.Name, fmt.Sprintf(":%d:", pid)) {
			n += c.Pending
		}
	}
	return n
}

func TestCannotRun(t *testing.T) {
	t.Setenv(redisstream.EnvURL, "")
	for _, test := range []struct {
		args   []string
		output string
	}{
		{[]string{"work"}, "workers: need --redis redis://localhost:6379/0, or the URL in NECRO_REDIS_URL\n"},
		{[]string{"work", "--redis", "redis://127.0.0.1:1"}, "workers: redis cannot be reached: is redis-server running? dial tcp 127.0.0.1:1: connect: connection refused\n"},
		{[]string{"work", "--redis", "http://localhost"}, "workers: redisstream: the URL begins with http://: need redis://, rediss:// or unix://\n"},
		{[]string{"publish", "none"}, "workers: publish none: need a number of jobs\n"},
		{[]string{"publish"}, "workers: need a verb: publish N, work or collect; try workers --help\n"},
	} {
		if code, output := call(t, test.args...); code != cli.ExitUsage || output != test.output {
			t.Errorf("%q: exit code %d, %s", test.args, code, output)
		}
	}
	if code, output := call(t, "--help"); code != cli.ExitDone || !strings.Contains(output, "usage: workers") {
		t.Errorf("--help: exit code %d, %s", code, output)
	}
}
