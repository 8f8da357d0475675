package source

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/necrostack/necrogen/internal/testkit/synthetic"
)

// BenchmarkLoad loads a module of 40 packages and a program that imports all of them, and four
// packages of it. What must be fast besides is in bench.
func BenchmarkLoad(b *testing.B) {
	repository, err := filepath.Abs("../../..")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	b.Setenv("GOWORK", "off")
	b.Setenv("GOFLAGS", "")
	if err := synthetic.Write(dir, repository, 40); err != nil {
		b.Fatal(err)
	}
	for _, packages := range []int{4, 41} {
		patterns := []string{"./..."}
		if packages == 4 {
			patterns = []string{"./step00", "./step01", "./step02", "./step03"}
		}
		b.Run(fmt.Sprintf("packages=%d", packages), func(b *testing.B) {
			for b.Loop() {
				topology, diags, err := Load(context.Background(), dir, patterns)
				if err != nil || len(diags) > 0 || len(topology.Packages) < packages {
					b.Fatal(len(topology.Packages), diags, err)
				}
			}
		})
	}
}
