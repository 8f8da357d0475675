package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/necrostack/necrogen/internal/proof/sabotage"
)

// proof runs tests with edits, on the working tree: the go command takes the edited files from a
// folder of their own.
type proof struct {
	repository *sabotage.Repository // its root is the current folder
	temp       string               // a folder for edited files

	mu      sync.Mutex // guards retried
	retried []place    // the tests whose first verdict was wrong, and whose second one was not
}

// job is an edit, with the tests of one folder that must notice it: they are compiled once.
type job struct {
	edit   string
	dir    string
	copied bool
	facets []facet
}

// result says how a facet fared: err is nil when its test is red with the edit.
type result struct {
	err  error
	took time.Duration // a job's time is shared equally among its facets
}

// startFacets tries all facets, some at a time. A channel gets the result of its facet. An error that a test
// has before anything is taken away is its result.
func (p *proof) startFacets(ctx context.Context, list []promise, before map[place]error) map[facet]chan result {
	results := map[facet]chan result{}
	for _, promise := range list {
		for _, f := range promise.facets {
			results[f] = make(chan result, 1)
		}
	}
	go func() {
		edits, _ := allEdits()
		inParallel(jobsOf(list), func(i int, j job) {
			start := time.Now()
			errs := p.tryEdit(ctx, fmt.Sprint(i), j, edits[j.edit], before)
			took := time.Since(start) / time.Duration(len(j.facets))
			for i, f := range j.facets {
				results[f] <- result{errs[i], took}
			}
		})
	}()
	return results
}

// jobsOf returns the jobs of promises in their order.
func jobsOf(list []promise) []job {
	var jobs []job
	for _, p := range list {
		for _, f := range p.facets {
			i := slices.IndexFunc(jobs, func(j job) bool { return j.edit == f.edit && j.dir == f.dir && j.copied == f.copied })
			if i < 0 {
				i = len(jobs)
				jobs = append(jobs, job{edit: f.edit, dir: f.dir, copied: f.copied})
			}
			jobs[i].facets = append(jobs[i].facets, f)
		}
	}
	return jobs
}

// inParallel calls do for each element, for as many at a time as there are workers.
func inParallel[T any](list []T, do func(int, T)) {
	var group sync.WaitGroup
	slots := make(chan struct{}, workers)
	for i, element := range list {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			do(i, element)
		})
	}
	group.Wait()
}

// runBaseline runs all tests before anything is taken away. It returns an error for each that does not pass.
func (p *proof) runBaseline(ctx context.Context, list []promise) map[place]error {
	var folders []string
	tests := map[string][]place{}
	for _, promise := range list {
		for _, f := range promise.facets {
			if tests[f.dir] == nil {
				folders = append(folders, f.dir)
			}
			tests[f.dir] = append(tests[f.dir], f.place)
		}
	}
	errs := map[place]error{}
	var mu sync.Mutex // guards errs
	inParallel(folders, func(_ int, dir string) {
		run := func(tests []string) (map[string]verdict, string) { return runTests(ctx, dir, tests, "-timeout=10m") }
		verdicts, output := run(namesOf(tests[dir]))
		for _, at := range tests[dir] {
			if v, text := p.wantVerdict(green, at, verdicts[at.test], output, run); v != green {
				mu.Lock()
				errs[at] = fmt.Errorf("it %s before anything is taken away:\n%s", v, text)
				mu.Unlock()
			}
		}
	})
	return errs
}

func namesOf(places []place) []string {
	var names []string
	for _, at := range places {
		if !slices.Contains(names, at.test) {
			names = append(names, at.test)
		}
	}
	return names
}

// tryEdit wants the tests of a job to be red with its edit, and returns an error for each that is not.
func (p *proof) tryEdit(ctx context.Context, name string, j job, edits []sabotage.Edit, before map[place]error) []error {
	errs := make([]error, len(j.facets))
	for i, f := range j.facets {
		errs[i] = before[f.place]
	}
	if !slices.Contains(errs, nil) {
		return errs // no test is of use
	}
	run, err := p.prepareEdit(ctx, filepath.Join(p.temp, name), j, edits)
	if err != nil {
		for i := range errs {
			errs[i] = err
		}
		return errs
	}
	defer os.RemoveAll(filepath.Join(p.temp, name))
	var places []place
	for _, f := range j.facets {
		places = append(places, f.place)
	}
	verdicts, output := run(namesOf(places))
	for i, f := range j.facets {
		if errs[i] != nil {
			continue
		}
		if is, text := p.wantVerdict(red, f.place, verdicts[f.test], output, run); is != red {
			errs[i] = fmt.Errorf("with the edit it %s:\n%s", is, text)
		}
	}
	return errs
}

// wantVerdict returns the verdict of a test, and runs the test once more, alone, when that is not the wanted one: another test may have
// ended the program, or the machine was too slow.
func (p *proof) wantVerdict(want verdict, at place, first verdict, output string, run func([]string) (map[string]verdict, string)) (verdict, string) {
	if first == want {
		return first, output
	}
	verdicts, output := run([]string{at.test})
	if verdicts[at.test] == want && first != absent {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.retried = append(p.retried, at)
	}
	return verdicts[at.test], output
}

// prepareEdit makes an edit, and returns what runs tests with it.
func (p *proof) prepareEdit(ctx context.Context, folder string, j job, edits []sabotage.Edit) (func([]string) (map[string]verdict, string), error) {
	if j.copied {
		if err := p.copyTree(ctx, folder, edits); err != nil {
			return nil, err
		}
		return func(tests []string) (map[string]verdict, string) {
			return runTests(ctx, filepath.Join(folder, j.dir), tests)
		}, nil
	}
	overlay, err := p.repository.Overlay(folder, edits)
	if err != nil {
		return nil, err
	}
	return func(tests []string) (map[string]verdict, string) {
		return runTests(ctx, j.dir, tests, "-overlay="+overlay)
	}, nil
}

// copyTree copies the working tree with edits to a folder, without what git ignores. A test that runs
// the go command on this repository needs that: it would not know of an overlay.
func (p *proof) copyTree(ctx context.Context, folder string, edits []sabotage.Edit) error {
	edited, err := p.repository.Apply(edits)
	if err != nil {
		return err
	}
	files, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(files), "\x00"), "\x00") {
		data, ok := edited[name]
		if !ok {
			data, err = os.ReadFile(name)
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and still known to git
		}
		to := filepath.Join(folder, name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, data, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
