package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// watching is a process that runs necrogen watch.
type watching struct {
	t     *testing.T
	dir   string
	cmd   *exec.Cmd
	lines chan string // of stdout and stderr
}

func startWatching(t *testing.T, dir string, args ...string) *watching {
	t.Helper()
	r, w := io.Pipe()
	cmd := exec.CommandContext(t.Context(), "necrogen", append([]string{"watch"}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &watching{t, dir, cmd, make(chan string, 1000)}
	go func() {
		for s := bufio.NewScanner(r); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	return p
}

// expect waits for these lines, which are regular expressions, and for no others.
func (p *watching) expect(want ...string) {
	p.t.Helper()
	for _, w := range want {
		select {
		case line := <-p.lines:
			if !regexp.MustCompile("^" + w + "$").MatchString(line) {
				p.t.Fatalf("necrogen printed %q, want %q", line, w)
			}
		case <-time.After(5 * time.Minute):
			p.t.Fatalf("necrogen printed nothing, want %q", w)
		}
	}
}

// until passes over lines up to one.
func (p *watching) until(want string) {
	p.t.Helper()
	for {
		select {
		case line := <-p.lines:
			if regexp.MustCompile("^" + want + "$").MatchString(line) {
				return
			}
		case <-time.After(5 * time.Minute):
			p.t.Fatalf("necrogen does not print %q", want)
		}
	}
}

// save writes a file in one step.
func (p *watching) save(name, content string) {
	p.t.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	err := os.WriteFile(path+"~", []byte(content), 0o644)
	if err == nil {
		err = os.Rename(path+"~", path)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// interrupt is Ctrl-C. It wants exit code 0, and no line that was not expected.
func (p *watching) interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("after an interrupt: %v", err)
	}
	select {
	case line := <-p.lines:
		p.t.Errorf("necrogen printed %q", line)
	default:
	}
}

// line is what a round prints at its end.
func line(what string) string { return `\d\d:\d\d:\d\d ` + what + ` \(\d+ ms\)` }

// TestWatch goes through a day of somebody who saves files.
func TestWatch(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process can be interrupted alone there")
	}
	dir := app(t)
	goMod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	event := func(field string) string {
		return "package shop\n\n//necro:event\ntype Order struct{ " + field + " }\n"
	}
	p := startWatching(t, dir, "./...")
	p.expect("watching; Ctrl-C ends it", line("nothing to do"))

	p.save("shop/shop.go", event("ID string"))
	p.expect(line("wrote shop/necro_gen.go"))
	p.save("shop/shop.go", event("ID chan int"))
	p.expect("shop/shop.go:4:.* NC081: .*")
	p.until(line("1 mistake"))
	p.save("shop/shop.go", event("ID string"))
	p.expect(line("nothing to do"))

	p.save("go.mod", "modul broken\n")
	p.expect("necrogen: .*errors parsing go.mod:")
	p.until(line("failed"))
	p.save("go.mod", string(goMod))
	p.expect(line("nothing to do"))

	p.save("shop/shop.go", "package shop\n")
	p.expect(line("removed shop/necro_gen.go"))
	p.interrupt()
}

// TestWatchInterrupted is interrupted while it works.
func TestWatchInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no process can be interrupted alone there")
	}
	p := startWatching(t, app(t))
	p.expect("watching; Ctrl-C ends it")
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("after an interrupt: %v", err)
	}
}

// TestRound: what a round has written or removed does not begin another one.
func TestRound(t *testing.T) {
	dir := app(t)
	c := &command{ctx: t.Context(), dir: dir, stdout: io.Discard, stderr: io.Discard}
	for _, content := range []string{"package app\n\n//necro:event\ntype Order struct{}\n", "package app\n"} {
		if err := os.WriteFile(filepath.Join(dir, "app.go"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if own := c.runRound(nil); len(own) != 1 || own[0] != filepath.Join(dir, "necro_gen.go") {
			t.Errorf("touched %q", own)
		}
	}
}

func TestWatchNoModule(t *testing.T) {
	t.Setenv("GOWORK", "off")
	cmd := exec.Command("necrogen", "watch")
	cmd.Dir = t.TempDir()
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitError || !strings.Contains(string(out), "there is no go.mod here") {
		t.Errorf("%v: %s", cmd.ProcessState, out)
	}
}

// app makes a module with a package that has nothing to generate.
func app(t *testing.T) string {
	t.Helper()
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOWORK", "off")
	t.Setenv("GOPROXY", "off")
	t.Setenv("GONOSUMDB", "*") // the modules are those of go.sum: nobody is asked for their sums
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := writeModule(dir, repository); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "app.go"), []byte("package app\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}
