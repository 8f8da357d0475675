package redisstream_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"math/bits"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream"

	"github.com/necrostack/necrogen/runtime/contract"
)

// finds wants findings, each with a subject, whether it is severe, and a part of the problem; or,
// with "no" before it, none like that.
func (r *rig) finds(b *redisstream.Backend, want ...string) {
	r.Helper()
	found, err := b.Diagnose(r.ctx)
	r.ok(err, "diagnose")
	var lines []string
	for _, f := range found {
		grade := "warning"
		if f.Severe {
			grade = "severe"
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s (%s)", grade, f.Subject, f.Problem, f.Mend))
	}
	all := strings.Join(lines, "\n")
	for _, w := range want {
		w, no := strings.CutPrefix(w, "no ")
		if strings.Contains(all, w) == no {
			r.Errorf("no %v, findings %q:\n%s", no, w, all)
		}
	}
}

// TestDiagnoseConsumers finds one that is gone with what it holds, and others that are leaked.
func TestDiagnoseConsumers(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	r.bind(sub("organ", &Step{}))
	r.publish(b, steps(0, 1)...)
	r.publish(b, steps(1, 1)...)
	q := r.key("q:organ")
	r.do("XREADGROUP", "GROUP", "necro", "gone", "COUNT", 1, "STREAMS", q, ">")
	r.do("XGROUP", "CREATECONSUMER", q, "necro", "idle")
	r.finds(b, "no gone", "no leaked", "severe organ organ: nobody consumes, and 2 deliveries wait")
	r.age(q, "gone", 11*time.Minute)
	r.age(q, "idle", 61*time.Minute)
	r.finds(b, "severe organ organ: gone holds 1 entries and has said nothing for 11m0s (a program that runs the organ takes them over",
		"warning organ organ: 1 consumers are leaked: silent for over an hour")
}

// age lets a consumer be silent for so long, as the server sees it: it is what a dump of the stream
// holds behind the consumer's name.
func (r *rig) age(stream, consumer string, silent time.Duration) {
	r.Helper()
	dump := []byte(r.do("DUMP", stream).(string))
	name := append([]byte{byte(len(consumer))}, consumer...)
	at := bytes.Index(dump, name)
	if at < 0 {
		r.Fatalf("%s has no consumer %s", stream, consumer)
	}
	seen := dump[at+len(name):]
	binary.LittleEndian.PutUint64(seen, uint64(time.Now().Add(-silent).UnixMilli()))
	body, sum := dump[:len(dump)-8], dump[len(dump)-8:]
	table := crc64.MakeTable(bits.Reverse64(0xad93d23594c935a9))
	binary.LittleEndian.PutUint64(sum, ^crc64.Update(^uint64(0), table, body)) // the server's begins and ends without a complement
	r.do("RESTORE", stream, 0, dump, "REPLACE")
}

// TestDiagnoseBacklog finds an organ with consumers whose oldest event nobody takes.
func TestDiagnoseBacklog(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	r.subscribe(b, sub("organ", &Step{}))
	r.do("XADD", r.key("q:other"), "1-1", "m", "\x90") // a stream whose first entry is old
	r.do("RENAME", r.key("q:other"), r.key("q:organ"))
	r.do("XGROUP", "CREATE", r.key("q:organ"), "necro", "0")
	r.finds(b, "warning organ organ: its oldest ready event waits for ", "no nobody consumes")
	r.ok(b.Pause(r.ctx, "organ", "the bank is down"), "pause")
	r.finds(b, "severe organ organ: it is paused, 1 deliveries wait: the bank is down", "no oldest ready")
}

// TestDiagnoseBreaker finds an open breaker of a living process. What a process left that is gone is
// neither shown nor kept for ever.
func TestDiagnoseBreaker(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	c := r.subscribe(b, sub("organ", &Step{}))[0]
	keeper := c.Consumer.(contract.BreakerConsumer)
	at := time.Date(2026, 11, 30, 6, 0, 0, 0, time.UTC)
	open := contract.BreakerState{Since: at, Failures: 5, Next: at.Add(30 * time.Second)}
	r.ok(keeper.TellBreaker(r.ctx, open), "tell")
	r.finds(b, "no breaker") // nothing waits for it
	r.ok(keeper.TellBreaker(r.ctx, contract.BreakerState{}), "tell")
	r.publish(b, steps(0, 1)...)
	r.do("HSET", r.key("n"), "breaker organ crashed:1", "1 7 2", "breaker organ broken", "x")
	r.finds(b, "no breaker")
	r.ok(keeper.TellBreaker(r.ctx, open), "tell")
	r.finds(b, "warning organ organ: the breaker of 1 of 1 consumers is open since 2026-11-30T06:00:00Z, 5 failures in a row, next try at 2026-11-30T06:00:30Z")
	same(r, "counters that are left", r.do("HEXISTS", r.key("n"), "breaker organ crashed:1"), any(int64(0)))
	r.ok(keeper.TellBreaker(r.ctx, contract.BreakerState{}), "tell")
	r.finds(b, "no breaker")
}

// TestDiagnosePackages finds an organ that living processes run from two packages.
func TestDiagnosePackages(t *testing.T) {
	t.Parallel()
	r := share(t)
	one := sub("organ", &Step{})
	other := sub("organ", &Step{})
	other.Path = "example.com/other"
	r.subscribe(r.open(), one)
	r.finds(r.open(), "no several packages")
	r.subscribe(r.open(), other)
	r.finds(r.open(), "warning organ organ: processes run it from several packages: ", "example.com/other")
}

// TestDiagnoseReplica finds that the server is a replica, and that its primary takes writes without
// one.
func TestDiagnoseReplica(t *testing.T) {
	t.Parallel()
	r := alone(t, "--repl-diskless-sync-delay", "0")
	replica := alone(t)
	r.bind(sub("organ", &Step{}))
	host, port, _ := strings.Cut(r.server.Addr(), ":")
	replica.do("REPLICAOF", host, port)
	r.until("the replica follows", func() bool {
		return strings.Contains(replica.do("INFO", "replication").(string), "master_link_status:up")
	})
	r.until("the primary knows", func() bool { return strings.Contains(r.do("INFO", "replication").(string), "connected_slaves:1") })
	replica.namespace = r.namespace
	replica.finds(replica.open(), "it is a replica of "+r.server.Addr()+": it takes no writes", "warning organ organ: nobody consumes")
	r.oneLine(replica.open().Health(r.ctx).Err, "redis is a replica, which takes no writes: give the address of the primary")
	r.finds(r.open(), "no it is a replica", "1 replicas, and min-replicas-to-write is 0")
	r.do("CONFIG", "SET", "min-replicas-to-write", 1)
	r.finds(r.open(), "no min-replicas-to-write")
}

// TestDiagnoseServer finds what is wrong with a server's memory and disk.
func TestDiagnoseServer(t *testing.T) {
	t.Parallel()
	r := alone(t)
	b := r.open()
	r.bind(sub("organ", &Step{}))
	r.finds(b, "warning redis", "maxmemory is not set", " no append-only file and no snapshots", "no evicted")
	r.do("CONFIG", "SET", "maxmemory", "1gb", "appendonly", "yes")
	r.finds(b, "no maxmemory", "no append-only")
	r.do("CONFIG", "SET", "maxmemory", "1mb")
	r.finds(b, "of 1048576 bytes of maxmemory are used: Publish fails when it is full")
	r.do("CONFIG", "SET", "maxmemory", "1gb", "appendonly", "no", "save", "3600 1")
	r.finds(b, "warning redis", "a crash of the server loses what came after its last snapshot")

	r.do("SET", "volatile", strings.Repeat("x", 100), "EX", 1000)
	r.do("CONFIG", "SET", "maxmemory-policy", "volatile-lru")
	r.do("CONFIG", "SET", "maxmemory", "1")
	r.redis.Set(r.ctx, "more", "x", 0) // evicts, and is refused all the same
	r.do("CONFIG", "SET", "maxmemory", "1gb")
	r.finds(b, "severe redis", "1 keys were evicted", "maxmemory-policy volatile-lru")
}

// TestDiagnoseParks finds a park that is nearly full, by events and by bytes, and one that let go.
func TestDiagnoseParks(t *testing.T) {
	t.Parallel()
	r := share(t)
	b := r.open()
	r.publish(b, message(&Next{}))
	r.finds(b, "warning event NEXT: 1 are parked: nobody handles it")
	n := r.key("n")
	r.do("HSET", n, "parkbytes NEXT", 14<<20)
	r.finds(b, "warning event NEXT: 14680064 bytes are parked: nobody handles it, and beyond 16 MiB the oldest are let go")
	r.do("HSET", n, "parked NEXT", 8001)
	r.finds(b, "warning event NEXT: 8001 are parked: nobody handles it, and beyond 10,000 the oldest are let go")
	r.do("HSET", n, "parklost NEXT", 3)
	r.finds(b, "severe event NEXT: 3 were let go: nobody handles it, and its park is full", "no are parked")
}
