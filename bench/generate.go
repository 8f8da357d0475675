package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const modulePath = "github.com/necrostack/necrogen"

// generated are the packages of this module that have events or organs.
var generated = []string{
	modulePath + "/bench/order", modulePath + "/bench/billing", modulePath + "/bench/shipping", modulePath + "/bench/ledger",
}

// printGenerate prints how long necrogen takes over four packages that are up to date, as
// a process: what go generate costs when nothing changed. It is the verb check that runs,
// which does the same work and writes nothing. The first run warms the caches.
func printGenerate(w io.Writer, s settings) (missed []string, err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "necrogen")
	args := append([]string{"check"}, generated...)
	if err := command("go", "build", "-o", bin, modulePath+"/cmd/necrogen"); err != nil {
		return nil, err
	}
	if err := command(bin, args...); err != nil {
		return nil, err
	}
	var millis []float64
	for range min(s.rounds, 11) {
		start := time.Now()
		if err := command(bin, args...); err != nil {
			return nil, err
		}
		millis = append(millis, float64(time.Since(start))/1e6)
	}
	fmt.Fprintf(w, "necrogen over %d packages, warm: %.0f ms (for information; to be ≤ 150)\n\n", len(generated), median(millis))
	return nil, nil
}

func command(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, out)
	}
	return nil
}
