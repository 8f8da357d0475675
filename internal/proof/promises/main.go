// Command promises takes away the code that keeps each promise, and wants the test that is named for it to go
// red. A promise without such an edit, an edit that does not fit the code or does not compile, and a test that
// stays green are failures.
//
//	go run ./internal/proof/promises         all of them; some minutes
//	go run ./internal/proof/promises A B     those whose name, edit or test holds one of the words
//	go run ./internal/proof/promises -part K/N  of all rows one in N, others for each K: continuous integration proves some for each commit
//	go run ./internal/proof/promises -write  writes the table into docs/guarantees.md
//
// A test without a verdict that is wanted runs once more, alone, because the machine may be loaded. The last lines list those that had it only then.
//
//	table.go    the promises: the one place where they are listed, each with its tests and edits
//	edits_*.go  the edits, by the part that they break
//	choose.go   the facets that are asked for, and the faults of the table
//	proof.go    the edits and the tests that are run together
//	verdict.go  the verdict of go test about one test
//	document.go the table for people
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/proof/sabotage"
)

// workers is the number of edits that are tested at a time.
const workers = 2

func main() {
	write := flag.Bool("write", false, "write the table into docs/guarantees.md")
	part := flag.String("part", "0/1", "`K/N`: of N parts of the rows the one of number K modulo N")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root, err := toRoot(ctx)
	list, partErr := choosePart(choosePromises(flag.Args()), *part)
	switch {
	case err != nil:
	case partErr != nil:
		err = partErr
	case *write:
		err = writeDocument()
	default:
		err = provePromises(ctx, root, list)
	}
	if err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "promises:", err)
		os.Exit(1)
	}
}

// toRoot goes to the top folder of the repository, and returns it.
func toRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return "", fmt.Errorf("git rev-parse: %w", err)
	}
	root := strings.TrimSpace(string(out))
	return root, os.Chdir(root)
}

// provePromises tries every facet, and prints a line for each.
func provePromises(ctx context.Context, root string, list []promise) error {
	start := time.Now()
	if err := checkComplete(root); err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "promises")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	proof := &proof{repository: sabotage.Open(root), temp: temp}
	before := proof.runBaseline(ctx, list)
	fmt.Printf("all tests before anything is taken away: %.0fs\n", time.Since(start).Seconds())
	results := proof.startFacets(ctx, list, before)
	facets, broken := 0, 0
	for _, p := range list {
		fmt.Println(p.name)
		var took time.Duration
		for _, f := range p.facets {
			facets++
			r := <-results[f]
			took += r.took
			if r.err != nil {
				broken++
				fmt.Printf("  FAIL %s\n       %s %s: %v\n", f.says, f.edit, f.test, r.err)
				continue
			}
			fmt.Printf("  red  %s\n       %s %s (%.1fs)\n", f.says, f.edit, f.test, r.took.Seconds())
		}
		fmt.Printf("  %.0fs\n", took.Seconds())
	}
	for _, at := range proof.retried {
		fmt.Printf("at the second try: %s %s\n", at.dir, at.test)
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d are not proven", broken, facets)
	}
	fmt.Printf("promises: %d; tests that go red without what keeps them: %d of %d; %.0fs\n",
		len(list), facets, facets, time.Since(start).Seconds())
	return nil
}
