package service

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/necrostack/necrogen/internal/gen/scaffold"
	"github.com/necrostack/necrogen/internal/testkit/files"
	"github.com/necrostack/necrogen/internal/testkit/poll"
)

// begunService writes a service named shop, of a module that replaces those of necrogen by this checkout. It asks no network.
func begunService(t *testing.T) (dir string) {
	t.Helper()
	for name, value := range map[string]string{"GOWORK": "off", "GOPROXY": "off", "GONOSUMDB": "*", "GOFLAGS": ""} {
		t.Setenv(name, value)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	_, replaced, _ := strings.Cut(files.Read(t, "go.mod"), "\nreplace (\n")
	replaced = regexp.MustCompile(`=> \.\.`).ReplaceAllLiteralString(replaced, "=> "+root)
	dir = t.TempDir()
	files.Write(t, filepath.Join(dir, "go.mod"), "module example.com/shop\n\ngo 1.26.0\n\nreplace (\n"+
		"\tgithub.com/necrostack/necrogen/service => "+root+"/service\n"+replaced)
	if _, err := scaffold.Init(t.Context(), scaffold.Options{Dir: dir, Service: "shop", Log: func(string) {}}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// goIn runs the go command in a folder.
func goIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestInitServiceRuns: what necrogen init -service writes builds, passes its tests, serves, answers its probes, tells its metrics, and
// drains within its grace when it is told to stop.
func TestInitServiceRuns(t *testing.T) {
	dir := begunService(t)
	goIn(t, dir, "generate", "./...")
	goIn(t, dir, "vet", "./...")
	goIn(t, dir, "test", "./...")
	program := filepath.Join(dir, "shop")
	goIn(t, dir, "build", "-o", program, ".")

	p := startProgram(t, program, "NECRO_GRACE=1m")
	public, admin := p.url(t, "http"), p.url(t, "admin")
	poll.Until(t, "/readyz", func() bool { code, _ := get(t, admin+"/readyz"); return code == http.StatusOK })
	if code, body := get(t, admin+"/livez"); code != http.StatusOK {
		t.Errorf("/livez answers %d %s", code, body)
	}
	answer, err := http.Post(public+"/greetings", "application/json", strings.NewReader(`{"name": "world"}`))
	if err != nil || answer.StatusCode != http.StatusAccepted {
		t.Fatal(answer, err)
	}
	poll.Until(t, "a greeting is counted", func() bool {
		_, body := get(t, admin+"/metrics")
		return strings.Contains(body, `necro_deliveries_handled_total{event="SHOP_GREETED",organ="shop.Greeter"} 1`)
	})
	told := time.Now()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := p.exitCode(t); code != ExitStopped || time.Since(told) > time.Minute {
		t.Errorf("exit code %d after %s\n%s", code, time.Since(told), p.log())
	}
}
