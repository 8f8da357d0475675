package main

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/proof/sabotage"
)

// choosePromises returns the promises with the facets that one of the words is found in: all without words.
func choosePromises(words []string) []promise {
	if len(words) == 0 {
		return promises
	}
	holds := func(text string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
	}
	var list []promise
	for _, p := range promises {
		if !holds(p.name) {
			p.facets = slices.DeleteFunc(slices.Clone(p.facets), func(f facet) bool { return !holds(f.edit) && !holds(f.test) })
			if len(p.facets) == 0 {
				continue
			}
		}
		list = append(list, p)
	}
	return list
}

// choosePart returns one of the parts of promises, whose rows are spread by the names of their edits.
func choosePart(list []promise, part string) ([]promise, error) {
	var k, n uint32
	if _, err := fmt.Sscanf(part, "%v/%d", &k, &n); err != nil || n == 0 {
		return nil, fmt.Errorf("-part %s: need K/N, as in 1/4 or 0xbeef/4", part)
	}
	var chosen []promise
	for _, p := range list {
		p.facets = slices.DeleteFunc(slices.Clone(p.facets), func(f facet) bool {
			hash := fnv.New32a()
			hash.Write([]byte(f.edit))
			return hash.Sum32()%n != k%n
		})
		if len(p.facets) > 0 {
			chosen = append(chosen, p)
		}
	}
	return chosen, nil
}

// checkComplete returns an error unless every promise has edits that fit the code, and every edit a promise.
func checkComplete(root string) error {
	edits, err := allEdits()
	errs := []error{err, refusePatches(root)}
	repository := sabotage.Open(root)
	used := map[string]bool{}
	for _, p := range promises {
		if len(p.facets) == 0 {
			errs = append(errs, fmt.Errorf("promise %s has no test", p.name))
		}
		for _, f := range p.facets {
			if edits[f.edit] == nil {
				errs = append(errs, fmt.Errorf("promise %s, %s: there is no edit %s", p.name, f.test, f.edit))
			}
			used[f.edit] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		if !used[name] {
			errs = append(errs, fmt.Errorf("the edit %s belongs to no promise", name))
		}
		if _, err := repository.Apply(edits[name]); err != nil {
			errs = append(errs, fmt.Errorf("the edit %s does not fit the code any more: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// allEdits returns the edits of all files by name.
func allEdits() (map[string][]sabotage.Edit, error) {
	all := map[string][]sabotage.Edit{}
	for _, some := range []map[string][]sabotage.Edit{
		runtimeEdits, memoryEdits, sqliteEdits, postgresEdits, redisEdits, redisScriptEdits, operatorEdits, necrotestEdits, scheduleEdits, batchEdits, codecEdits, generatorEdits,
	} {
		for name, edits := range some {
			if all[name] != nil {
				return nil, fmt.Errorf("two edits have the name %s", name)
			}
			all[name] = edits
		}
	}
	return all, nil
}

// refusePatches wants no diff: promises were proven by stored diffs once, and a branch of that time may
// bring another one along, which would prove nothing.
func refusePatches(root string) error {
	found, err := filepath.Glob(filepath.Join(root, "internal/*/patches/*.patch"))
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%s: diffs are not read any more: write each as an edit in internal/proof/promises/edits_*.go, as CONTRIBUTING.md tells, and remove it",
			strings.Join(found, ", "))
	}
	return err
}
