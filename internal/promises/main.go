// Command promises takes away what keeps each promise, and wants the test that is named for it
// to go red. A promise without such a patch, a patch that does not apply or does not compile, and
// a test that stays green are failures.
//
//	go run ./internal/promises         all of them; a few minutes
//	go run ./internal/promises A B     those whose name, patch or test holds one of the words
//	go run ./internal/promises -write  writes the table into CONTRIBUTING.md
//
//	table.go    the promises: the one place where they are listed
//	patches/    the patches
//	trees.go    copies of the repository, which are patched
//	verdict.go  what go test says of one test
//	document.go the table for people
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// workers is the number of trees that are patched and tested at a time.
const workers = 2

func main() {
	write := flag.Bool("write", false, "write the table into CONTRIBUTING.md")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := toRoot(ctx)
	switch {
	case err != nil:
	case *write:
		err = writeDocument()
	default:
		err = prove(ctx, chosen(flag.Args()))
	}
	if err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "promises:", err)
		os.Exit(1)
	}
}

// toRoot goes to the top folder of the repository.
func toRoot(ctx context.Context) error {
	root, err := exec.CommandContext(ctx, "git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return fmt.Errorf("git rev-parse: %w", err)
	}
	return os.Chdir(strings.TrimSpace(string(root)))
}

// chosen returns the promises with the facets that one of the words is found in: all without words.
func chosen(words []string) []promise {
	if len(words) == 0 {
		return promises
	}
	holds := func(text string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
	}
	var list []promise
	for _, p := range promises {
		if !holds(p.name) {
			p.facets = slices.DeleteFunc(slices.Clone(p.facets), func(f facet) bool { return !holds(f.patch) && !holds(f.test) })
			if len(p.facets) == 0 {
				continue
			}
		}
		list = append(list, p)
	}
	return list
}

// prove tries every facet, and prints a line for each.
func prove(ctx context.Context, list []promise) error {
	start := time.Now()
	if err := complete(); err != nil {
		return err
	}
	trees, err := newTrees(ctx, workers)
	if err != nil {
		return err
	}
	defer trees.remove()
	if err := trees[0].baseline(ctx, list); err != nil {
		return err
	}
	results := trees.start(ctx, list)
	facets, broken := 0, 0
	for _, p := range list {
		fmt.Println(p.name)
		for _, f := range p.facets {
			facets++
			r := <-results[f]
			if r.err != nil {
				broken++
				fmt.Printf("  FAIL %s\n       %s: %v\n", f.says, f.test, r.err)
				continue
			}
			fmt.Printf("  red  %s\n       %s (%.1fs)\n", f.says, f.test, r.took.Seconds())
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d are not proven", broken, facets)
	}
	fmt.Printf("promises: %d; tests that go red without what keeps them: %d of %d; %.0fs\n",
		len(list), facets, facets, time.Since(start).Seconds())
	return nil
}
