package service

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/files"
	"github.com/necrostack/necrogen/internal/testkit/poll"
)

// process is a service in a process of its own.
type process struct {
	*exec.Cmd
	gate string

	mu    sync.Mutex
	lines []map[string]any // of its log
	text  []string         // all lines of standard error
	ended chan struct{}    // closed when standard error is
}

// startProcess starts the service of this test program on addresses that are free.
func startProcess(t *testing.T, environment ...string) *process {
	t.Helper()
	gate := filepath.Join(t.TempDir(), "gate")
	p := startProgram(t, os.Args[0], append(environment, gateVariable+"="+gate)...)
	p.gate = gate
	return p
}

// startProgram starts a service on addresses that are free.
func startProgram(t *testing.T, program string, environment ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), program), ended: make(chan struct{})}
	p.Env = append(os.Environ(), "NECRO_LOG_FORMAT=json", "NECRO_LOG_LEVEL=debug",
		"NECRO_HTTP_ADDR=127.0.0.1:0", "NECRO_ADMIN_ADDR=127.0.0.1:0", "NECRO_CONSOLE_ADDR=127.0.0.1:0")
	p.Env = append(p.Env, environment...)
	out, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	go p.readLog(out)
	return p
}

func (p *process) readLog(out io.Reader) {
	defer close(p.ended)
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		var line map[string]any
		isLog := json.Unmarshal(scanner.Bytes(), &line) == nil
		p.mu.Lock()
		p.text = append(p.text, scanner.Text())
		if isLog {
			p.lines = append(p.lines, line)
		}
		p.mu.Unlock()
	}
}

// find returns the place of the first line with a message and, if part is not empty, of that part; -1 for none.
func (p *process) find(msg, part string) (at int, line map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at = slices.IndexFunc(p.lines, func(l map[string]any) bool { return l["msg"] == msg && (part == "" || l["part"] == part) })
	if at >= 0 {
		line = p.lines[at]
	}
	return at, line
}

// await waits for a line.
func (p *process) await(t *testing.T, msg, part string) map[string]any {
	t.Helper()
	var found map[string]any
	poll.Until(t, "a log line "+msg+" "+part, func() bool {
		at, line := p.find(msg, part)
		found = line
		return at >= 0
	})
	return found
}

// url returns the address of a part.
func (p *process) url(t *testing.T, part string) string {
	t.Helper()
	return "http://" + p.await(t, "listening", part)["addr"].(string)
}

// get returns the status and the body of a page.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body)
}

// exitCode waits for the end of the process.
func (p *process) exitCode(t *testing.T) int {
	t.Helper()
	<-p.ended
	_ = p.Wait() // the code says it
	return p.ProcessState.ExitCode()
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.text, "\n")
}

// TestServiceDrains: a service answers on all its addresses; after SIGTERM it is not ready and still answers probes, and the request and the
// handler that are under way end before it does.
func TestServiceDrains(t *testing.T) {
	p := startProcess(t, "NECRO_GRACE=1m")
	public, admin, pages := p.url(t, "http"), p.url(t, "admin"), p.url(t, "console")
	poll.Until(t, "/readyz", func() bool { code, _ := get(t, admin+"/readyz"); return code == http.StatusOK })
	for url, want := range map[string]string{admin + "/livez": `"status": "ok"`, admin + "/metrics": "necro_running 1", admin + "/topology": `"name": "service.Worker"`, pages + "/": "service.Worker"} {
		if code, body := get(t, url); code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s answers %d without %s:\n%.2000s", url, code, want, body)
		}
	}
	if _, line := p.find("organ runs", ""); line["organ"] != "service.Worker" {
		t.Errorf("the log does not tell the organ: %v", line)
	}
	if answer, err := http.Post(public+"/fast", "", nil); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	slow, err := http.Post(public+"/slow", "", nil) // returns with the headers
	if err != nil {
		t.Fatal(err)
	}
	p.await(t, "working", "")
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.await(t, "stopping: the service is not ready any more", "")
	if code, body := get(t, admin+"/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "stopping") {
		t.Errorf("/readyz answers %d during the drain:\n%s", code, body)
	}
	if code, _ := get(t, admin+"/livez"); code != http.StatusOK {
		t.Errorf("/livez answers %d during the drain", code)
	}
	files.Write(t, p.gate, "")
	if body, err := io.ReadAll(slow.Body); err != nil || len(body) > 0 {
		t.Errorf("the request that was under way ended with %q, %v", body, err)
	}
	if code := p.exitCode(t); code != ExitStopped {
		t.Errorf("exit code %d, want %d", code, ExitStopped)
	}
	requests, _ := p.find("stopping: requests have ended", "")
	handled, _ := p.find("handled", "")
	stopped, _ := p.find("stopped", "")
	if requests < 0 || handled < 0 || stopped < requests || stopped < handled {
		t.Errorf("requests ended in line %d, the handler in %d, and the service in %d:\n%s", requests, handled, stopped, p.log())
	}
}

// TestServiceIsCutShort: what does not end within the grace is cut off, and the exit code says so.
func TestServiceIsCutShort(t *testing.T) {
	p := startProcess(t, "NECRO_GRACE=50ms", "NECRO_CONSOLE_ADDR=none")
	public := p.url(t, "http")
	p.await(t, "organ runs", "")
	if _, err := http.Post(public+"/fast", "", nil); err != nil {
		t.Fatal(err)
	}
	p.await(t, "working", "")
	if at, _ := p.find("listening", "console"); at >= 0 {
		t.Error("the console listens")
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := p.exitCode(t); code != ExitCutShort || !strings.Contains(p.log(), "1 handlers did not end within 50ms") {
		t.Errorf("exit code %d, want %d:\n%s", code, ExitCutShort, p.log())
	}
}

// TestSecondSignalEnds: who signals twice does not wait.
func TestSecondSignalEnds(t *testing.T) {
	p := startProcess(t, "NECRO_GRACE=10m", "NECRO_DRAIN_DELAY=10m")
	p.await(t, "organ runs", "")
	began := time.Now()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.await(t, "stopping: the service is not ready any more", "")
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := p.exitCode(t); code != -1 || time.Since(began) > 5*time.Minute {
		t.Errorf("exit code %d after %s, want that of a signal at once", code, time.Since(began))
	}
}

// TestServiceDoesNotStart: a mistake in the configuration is told by its name, all at once, with an exit code of its own.
func TestServiceDoesNotStart(t *testing.T) {
	p := startProcess(t, "NECRO_GRACE=soon", "NECRO_TRACE_RATIO=2", "NECRO_HTTP_ADR=:1")
	code := p.exitCode(t)
	for _, want := range []string{"NECRO_GRACE=soon: need a duration", "NECRO_TRACE_RATIO=2: need a number from 0 to 1", "NECRO_HTTP_ADR, which is no setting; did you mean NECRO_HTTP_ADDR?"} {
		if !strings.Contains(p.log(), want) {
			t.Errorf("no %q in\n%s", want, p.log())
		}
	}
	if code != ExitConfig {
		t.Errorf("exit code %d, want %d", code, ExitConfig)
	}
}
