//go:build unix

package write

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The names by which a test tells its child which trouble it is to have, and where.
const (
	troubleName = "NECRO_TEST_TROUBLE"
	folderName  = "NECRO_TEST_FOLDER"
)

// troubles are what goes wrong with disks: each takes something from the whole process.
var troubles = map[string]func(t *testing.T, dir string){
	"full":      limitFiles,
	"read-only": forbidWriting,
}

// TestApplyInTrouble runs Apply in a process that can't write the second of two files. The old
// ones are intact, and nothing is left behind.
func TestApplyInTrouble(t *testing.T) {
	if name := os.Getenv(troubleName); name != "" {
		applyInTrouble(t, troubles[name], os.Getenv(folderName))
		return
	}
	for name, want := range map[string]string{
		"full":      "b.go, nothing was changed: write ",
		"read-only": "a.go, nothing was changed: open ",
	} {
		t.Run(name, func(t *testing.T) {
			dir, old := t.TempDir(), map[string]string{"a.go": "old a", "b.go": "old b"}
			t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
			for name, content := range old {
				put(t, filepath.Join(dir, name), content)
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestApplyInTrouble$", "-test.v")
			cmd.Env = append(os.Environ(), troubleName+"="+name, folderName+"="+dir)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), want) {
				t.Fatalf("%v, no %q in\n%s", err, want, out)
			}
			expect(t, dir, old)
		})
	}
}

func applyInTrouble(t *testing.T, trouble func(*testing.T, string), dir string) {
	trouble(t, dir)
	err := Apply([]Change{
		{Path: filepath.Join(dir, "a.go"), Old: []byte("old a"), New: []byte("new a")},
		{Path: filepath.Join(dir, "b.go"), Old: []byte("old b"), New: bytes.Repeat([]byte("x"), 1<<20)},
	})
	if err == nil {
		t.Fatal("no error")
	}
	t.Log(err)
}

// limitFiles lets the write of a large file fail in the middle, as it does on a full disk.
func limitFiles(t *testing.T, _ string) {
	signal.Ignore(syscall.SIGXFSZ) // so that the write fails, and not the process
	limit := syscall.Rlimit{Cur: 4096, Max: 4096}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}

// forbidWriting takes the right to write in the folder, and from root to write everywhere.
func forbidWriting(t *testing.T, dir string) {
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := syscall.Setuid(65534); err != nil {
			t.Fatal(err)
		}
	}
}
