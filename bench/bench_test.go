package main

import (
	"strings"
	"testing"
	"time"
)

// TestShort holds every contest once, so that none of them stops working unseen.
func TestShort(t *testing.T) {
	var out strings.Builder
	if err := run(&out, settings{rounds: 1, round: time.Millisecond}, ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range contests() {
		if !strings.Contains(out.String(), c.title) {
			t.Errorf("no table for %s", c.name)
		}
	}
}

func BenchmarkOrgan(b *testing.B)    { benchmark(b, organContests()) }
func BenchmarkChain(b *testing.B)    { benchmark(b, chainContests()) }
func BenchmarkCodec(b *testing.B)    { benchmark(b, codecContests()) }
func BenchmarkValidate(b *testing.B) { benchmark(b, validateContests()) }

// benchmark runs each contestant alone, for profiles.
func benchmark(b *testing.B, contests []contest) {
	for _, c := range contests {
		for _, who := range c.contestants() {
			b.Run(c.name+"/"+who.name, func(b *testing.B) {
				run, leave := who.open()
				defer leave()
				run(1)
				b.ReportAllocs()
				b.ResetTimer()
				run(b.N)
				b.StopTimer()
			})
		}
	}
}
