package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"
	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/clitest"
	"github.com/necrostack/necrogen/examples/internal/diagram"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// argsVariable turns this test into the program, with these arguments.
const argsVariable = "ETL_ARGS"

// TestMain keeps away from the Redis that whoever runs the tests may use.
func TestMain(m *testing.M) {
	os.Unsetenv(redisstream.EnvURL)
	if args := os.Getenv(argsVariable); args != "" {
		os.Args = append(os.Args[:1], strings.Fields(args)...)
		main()
	}
	os.Exit(m.Run())
}

// outcome is what a run of the program did.
type outcome struct {
	clitest.Outcome
	result []byte // the file that it wrote
}

// runArgs runs the program, with an output of its own.
func runArgs(t *testing.T, args ...string) outcome {
	t.Helper()
	output := filepath.Join(t.TempDir(), "summary.csv")
	got := clitest.Run(func(stdout, stderr io.Writer) int {
		return runProgram(t.Context(), append([]string{"--output", output}, args...), stdout, stderr)
	})
	got.Stdout = strings.ReplaceAll(got.Stdout, output, "summary.csv")
	result, _ := os.ReadFile(output)
	return outcome{got, result}
}

// account is what a file has, counted in the plainest way: all of it at once, in floating point.
type account struct {
	rows    int
	groups  map[[3]string]*[3][]float64 // mass, flipper, beak
	rejects map[string]int
}

// countPlainly counts a file without mistakes.
func countPlainly(t *testing.T, text io.Reader) account {
	t.Helper()
	lines, err := csv.NewReader(text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	a := account{len(lines) - 1, map[[3]string]*[3][]float64{}, map[string]int{}}
rows:
	for _, line := range lines[1:] {
		for i, value := range line {
			if value == "NA" || value == "." {
				a.rejects[lines[0][i]+" "+value]++
				continue rows
			}
		}
		var n [7]float64
		for i := 2; i < 6; i++ {
			if n[i], err = strconv.ParseFloat(line[i], 64); err != nil {
				t.Fatal(err)
			}
		}
		key := [3]string{line[0], line[1], strings.ToLower(line[6])}
		if a.groups[key] == nil {
			a.groups[key] = new([3][]float64)
		}
		for i, value := range []float64{n[5] / 1000, n[4] / 10, n[2] / n[3]} {
			a.groups[key][i] = append(a.groups[key][i], value)
		}
	}
	return a
}

// compare holds that a result has what was counted plainly. It is written with three digits,
// and each value of a row has as many.
func (a account) compare(t *testing.T, result []byte) {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(result)).ReadAll()
	if err != nil || len(lines) != len(a.groups)+1 {
		t.Fatalf("%d lines for %d groups, %v", len(lines), len(a.groups), err)
	}
	for _, line := range lines[1:] {
		group := a.groups[[3]string(line[:3])]
		if group == nil || line[3] != strconv.Itoa(len(group[0])) {
			t.Errorf("group %q", line)
			continue
		}
		for i, values := range group {
			sum, least, most := 0.0, math.Inf(1), math.Inf(-1)
			for _, v := range values {
				sum, least, most = sum+v, min(least, v), max(most, v)
			}
			for j, want := range []float64{sum / float64(len(values)), least, most} {
				got, err := strconv.ParseFloat(line[4+3*i+j], 64)
				if err != nil || math.Abs(got-want) > 0.0011 {
					t.Errorf("%q: %s is %s, want %f", line[:3], lines[0][4+3*i+j], line[4+3*i+j], want)
				}
			}
		}
	}
}

// TestPenguins compares the report of the real file with the stored one, but for what depends
// on the machine, and its numbers with those of a plain count.
func TestPenguins(t *testing.T) {
	text, err := os.ReadFile("testdata/penguins.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := countPlainly(t, bytes.NewReader(text))
	if r := want.rejects; want.rows != 344 || len(r) != 3 || r["beak_length_mm NA"] != 2 || r["sex NA"] != 8 || r["sex ."] != 1 {
		t.Fatalf("the file has %d rows, rejects %v", want.rows, r)
	}
	report, err := os.ReadFile("testdata/report.txt")
	if err != nil {
		t.Fatal(err)
	}
	server := redistest.Shared(t)
	for name, args := range map[string][]string{
		"default": nil,
		"input":   {"--input", "testdata/penguins.csv"},
		"chunks":  {"--chunk", "100"},
		"redis":   {"--redis", server.URL(), "--chunk", "1000"},
	} {
		t.Run(name, func(t *testing.T) {
			got := runArgs(t, args...)
			got.Expect(t, cli.ExitDone, []string{
				"  rows     344: 333 counted, 11 rejected\n",
				"        2  beak_length_mm is NA ", "        8  sex is NA ", "        1  sex is \".\" ",
			}, nil)
			if shown, _, _ := strings.Cut(got.Stdout, "  speed "); shown != string(report) {
				t.Errorf("report\n%s", shown)
			}
			want.compare(t, got.result)
		})
	}
}

// TestStress counts a generated file plainly, too.
func TestStress(t *testing.T) {
	const rows = 20_000
	var text bytes.Buffer
	if err := generateRows(t.Context(), &text, rows, 7, io.Discard); err != nil {
		t.Fatal(err)
	}
	want := countPlainly(t, &text)
	rejected := 0
	for _, n := range want.rejects {
		rejected += n
	}
	for name, args := range map[string][]string{"memory": nil, "redis": {"--redis", redistest.Shared(t).URL()}} {
		t.Run(name, func(t *testing.T) {
			got := runArgs(t, append(args, "--stress", strconv.Itoa(rows), "--seed", "7")...)
			got.Expect(t, cli.ExitDone, []string{
				"  rows     20,000: " + cli.Count(rows-rejected) + " counted, " + cli.Count(rejected) + " rejected\n",
				" rows/s, ", "  memory   ",
			}, nil)
			want.compare(t, got.result)
		})
	}
}

// cancelling ends a context when the log tells that something was counted.
type cancelling struct {
	bytes.Buffer
	mu     sync.Mutex
	cancel func()
}

func (c *cancelling) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if bytes.Contains(p, []byte("event_id=")) && bytes.Contains(p, []byte("organ=aggregate")) { // another line tells the organ's policy
		c.cancel()
	}
	return c.Buffer.Write(p)
}

var counted = regexp.MustCompile(`rows     ([0-9,]+): `)

func TestInterruptFinishesWhatWasTakenIn(t *testing.T) {
	const rows = 20_000
	for name, test := range map[string]struct {
		args   []string
		result string
	}{
		"memory": {nil, "not written, as not all is counted\n"},
		"redis":  {[]string{"--redis", redistest.Shared(t).URL()}, "not written, as not all is counted: run it again to go on\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			input, output := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
			writeRows(t, input, rows)
			args := append(test.args, "--input", input, "--output", output, "--chunk", "4096", "--window", "8", "--log-level", "debug")
			ctx, cancel := context.WithCancel(t.Context())
			var stdout bytes.Buffer
			stderr := &cancelling{cancel: cancel}
			code := runProgram(ctx, args, &stdout, stderr)
			o := clitest.Outcome{Code: code, Stdout: stdout.String(), Stderr: stderr.String()}
			o.Expect(t, cli.ExitInterrupted, []string{test.result, "Species", "Mean body mass"}, []string{"interrupted: what had been taken in was finished"})
			if n := counted.FindStringSubmatch(o.Stdout); n == nil || n[1] == "0" || n[1] == cli.Count(rows) {
				t.Errorf("counted %q of %d rows", n, rows)
			}
			if name == "memory" {
				return
			}
			again := clitest.Outcome{}
			stdout.Reset()
			var errors bytes.Buffer
			again.Code = runProgram(t.Context(), args[:len(args)-2], &stdout, &errors)
			again.Stdout, again.Stderr = stdout.String(), errors.String()
			again.Expect(t, cli.ExitDone, []string{"rows     20,000: "}, []string{"etl: going on with an earlier run, which counted "})
		})
	}
}

func writeRows(t *testing.T, name string, rows int) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := generateRows(t.Context(), f, rows, 1, io.Discard); err != nil {
		t.Fatal(err)
	}
}

// TestKilled kills a run on Redis. The next one goes on, and counts every row once.
func TestKilled(t *testing.T) {
	server := redistest.Start(t)
	dir := t.TempDir()
	input, output := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
	writeRows(t, input, 20_000)
	args := []string{"--input", input, "--output", output, "--chunk", "8192", "--window", "16", "--lease", "1s", "--redis", server.URL()}
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), argsVariable+"="+strings.Join(args, " "))
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); journaled(output) < 10; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			victim.Process.Kill()
			t.Fatal("not within a minute: something is in the journal")
		}
	}
	victim.Process.Kill()
	victim.Wait()
	before := journaled(output)
	if _, err := os.Stat(output); err == nil {
		t.Fatal("it was done before it was killed")
	}
	var stdout, stderr bytes.Buffer
	code := runProgram(t.Context(), args, &stdout, &stderr)
	o := clitest.Outcome{Code: code, Stdout: stdout.String(), Stderr: stderr.String()}
	o.Expect(t, cli.ExitDone, []string{"  rows     20,000: "}, []string{"etl: going on with an earlier run, which counted "})
	f, err := os.Open(input)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	result, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	countPlainly(t, f).compare(t, result)
	if after := journaled(output); after != 0 {
		t.Errorf("the journal is still there, with %d lines after %d", after, before)
	}
}

// journaled returns how many lines the journal of a run has.
func journaled(output string) int {
	text, _ := os.ReadFile(output + ".journal")
	return bytes.Count(text, []byte("\n"))
}

func TestHelp(t *testing.T) {
	runArgs(t, "--help").Expect(t, cli.ExitDone, []string{"usage: etl", "examples:", "exit codes:", "--stress rows"}, nil)
}

func TestDiagram(t *testing.T) { diagram.Check(t) }
