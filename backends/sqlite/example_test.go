package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/necrostack/necrogen/backends/sqlite"
	necro "github.com/necrostack/necrogen/runtime"
)

// A spine over a file. What is published here is handled by any process of this machine that opens the file with a spine
// that has organs, now or after the next start.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "shop.db")

	backend, err := sqlite.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	spine, err := necro.New(backend)
	if err != nil {
		log.Fatal(err)
	}
	handled, err := spine.Drain(context.Background())
	fmt.Println(handled, err)
	fmt.Println(backend.Health(context.Background()).Durability)
	// Output:
	// nothing done <nil>
	// one file, write-ahead log, synced at each commit
}
