package main

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/bench/msgporder"
	"github.com/necrostack/necrogen/bench/order"
)

// TestMain lets the test binary be one of the processes that share a chain, or are killed.
func TestMain(m *testing.M) {
	if playPart() {
		return
	}
	os.Exit(m.Run())
}

// TestShort holds every contest once, so that none of them stops working unseen.
func TestShort(t *testing.T) {
	var out strings.Builder
	if err := runAll(&out, settings{rounds: 1, round: time.Millisecond}, ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range allContests(redisServer{}) {
		if !strings.Contains(out.String(), c.title) {
			t.Errorf("no table for %s", c.name)
		}
	}
}

func BenchmarkOrgan(b *testing.B)     { benchmark(b, organContests()) }
func BenchmarkChain(b *testing.B)     { benchmark(b, chainContests()) }
func BenchmarkTelemetry(b *testing.B) { benchmark(b, telemetryContests()) }
func BenchmarkCodec(b *testing.B)     { benchmark(b, codecContests()) }
func BenchmarkValidate(b *testing.B)  { benchmark(b, validateContests()) }

func BenchmarkRedis(b *testing.B) {
	server := launchRedis()
	defer server.leave()
	checkError(server.err)
	benchmark(b, slices.Concat(redisContests(server.url), stateContests(server.url)))
}

// benchmark runs each contestant alone, for profiles.
func benchmark(b *testing.B, contests []contest) {
	for _, c := range contests {
		for _, who := range c.allContestants() {
			b.Run(c.name+"/"+who.name, func(b *testing.B) {
				w := who.open()
				defer w.leave()
				measureWork(w, 1)
				if w.prepare != nil {
					defer w.prepare(b.N)()
				}
				b.ReportAllocs()
				b.ResetTimer()
				w.run(b.N)
				b.StopTimer()
			})
		}
	}
}

// TestSameOrder: the codecs are compared on the same order; ours reads what msgp writes.
func TestSameOrder(t *testing.T) {
	theirs := msgporder.SampleLabelled()
	payload, err := theirs.MarshalMsg(nil)
	checkError(err)
	var got order.Labelled
	_, err = got.ReadMsgpack(payload)
	checkError(err)
	got.PlacedAt = got.PlacedAt.UTC()
	if want := order.SampleLabelled(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
