package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// wellRun returns the diaries of a run of three jobs in which all went well.
func wellRun() (all []entry) {
	at := int64(1_000_000)
	for n := range 3 {
		all = append(all, entry{At: at, Source: "source0", Key: "k", N: n})
		for i, part := range parts {
			at += 1000
			e := entry{At: at, Part: part, Source: "source0", Key: "k", N: n, Delivery: necro.ID{byte(n), byte(i)}}
			if part == partFollow {
				e.By = uint64(n + 1)
			}
			all = append(all, e)
		}
	}
	return all
}

func TestCountFindsWhatWentWrong(t *testing.T) {
	last := func(all []entry) *entry { return &all[len(all)-1] } // the order of job 2
	for name, c := range map[string]struct {
		spoil func([]entry) []entry
		want  string // "" for nothing
	}{
		"well":     {func(all []entry) []entry { return all }, ""},
		"repeated": {func(all []entry) []entry { return append(all, *last(all)) }, ""},
		"lost":     {func(all []entry) []entry { return all[:len(all)-1] }, "lost: order never ran job 2 of source0 for key k"},
		"two ids": {func(all []entry) []entry {
			again := *last(all)
			again.Delivery = necro.ID{9}
			return append(all, again)
		}, "forked: order ran job 2 of source0 for key k under two delivery ids"},
		"two calls": {func(all []entry) []entry {
			for _, e := range all {
				if e.Part == partFollow {
					e.By++
					return append(all, e)
				}
			}
			return nil
		}, "forked: two calls emitted what follows job 0 of source0 for key k"},
		"out of order": {func(all []entry) []entry {
			last(all).At = 1
			return all
		}, "out of order: job 2 of source0 for key k ran before the one before it"},
	} {
		var v verdict
		v.countEntries(c.spoil(wellRun()), true)
		if got := strings.Join(v.wrong, "; "); got != c.want {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}

func TestCountMeasuresPauses(t *testing.T) {
	all := wellRun()
	for i := range all {
		if all[i].N == 2 {
			all[i].At += 5_000_000
		}
	}
	var v verdict
	v.countEntries(all, true)
	if v.pause < 5*time.Second || v.pause > 6*time.Second {
		t.Errorf("the longest pause is %s, want about 5s", v.pause)
	}
}

// An order that is not promised is not checked, and writes that may be lost are no finding.
func TestPromisesFollowTheScenario(t *testing.T) {
	for name, want := range map[string]bool{"kills": true, "rollout-order": false, "rollout-names": true, "sentinel": false} {
		for _, s := range allScenarios() {
			if s.name == name && s.keepsOrder() != want {
				t.Errorf("%s: order is promised: %t, want %t", name, s.keepsOrder(), want)
			}
		}
	}
}

func TestTableTellsFindings(t *testing.T) {
	var out bytes.Buffer
	if printTable(&out, []*verdict{{scenario: "calm"}}) {
		t.Error("a scenario without findings counts as wrong")
	}
	if !printTable(&out, []*verdict{{scenario: "storm", wrong: []string{"lost: all"}}}) || !strings.Contains(out.String(), "storm: lost: all") {
		t.Errorf("the finding is not told:\n%s", out.String())
	}
}

func TestWrongWordsAreRefused(t *testing.T) {
	var out, errs bytes.Buffer
	if code := runProgram(t.Context(), []string{"-only", "nope"}, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "no scenario") {
		t.Errorf("exit code %d, %q", code, errs.String())
	}
}
