package redisstream

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/necrostack/necrogen/backends/redisstream/internal/conn"
	"github.com/necrostack/necrogen/backends/redisstream/internal/loop"
	"github.com/necrostack/necrogen/backends/redisstream/internal/resp"
	"github.com/necrostack/necrogen/backends/redisstream/internal/table"
	"github.com/necrostack/necrogen/runtime/contract"
)

// Bounds above which Diagnose finds something.
const (
	stuckAfter   = 10 * time.Minute // no lease that is renewed is as old
	leakedAfter  = time.Hour        // the backend takes consumers off by then that hold nothing
	parkNearSize = 13 << 20         // bytes, of 16 MiB
)

// Diagnose looks for settings of the server that endanger the guarantees, organs that no process runs or that
// fall behind, consumers that are gone and entries that they hold, and parks that overflow. It also looks at a
// server that the backend refuses to work with.
func (b *Backend) Diagnose(ctx context.Context) ([]contract.Finding, error) {
	var all []contract.Finding
	var h contract.Health
	organs, parks := map[string]*contract.OrganHealth{}, map[string]*contract.ParkHealth{}
	sizes := map[string]int{} // of parks, the largest of all partitions
	for _, p := range b.partitions {
		more, err := p.diagnoseServer(ctx, &h, organs, parks, sizes)
		if err != nil && !b.process.MayWait(err) {
			return nil, p.ExplainError(err)
		}
		if err != nil {
			more = []contract.Finding{{Severe: true, Subject: fmt.Sprint("partition ", p.Number), Problem: p.DescribeError(err).Error(), Mend: "events of this partition wait, and no others: repair its node"}}
		}
		all = append(all, more...)
	}
	addRows(&h, organs, parks)
	all = append(all, h.Findings()...)
	for i := range h.Parked {
		all = append(all, sizeFindings(&h.Parked[i], sizes[h.Parked[i].Event])...)
	}
	contract.SortFindings(all)
	return uniqueFindings(all), nil
}

// diagnoseServer looks at the server of a partition, and adds what the partition holds.
func (p *partition) diagnoseServer(ctx context.Context, h *contract.Health, organs map[string]*contract.OrganHealth, parks map[string]*contract.ParkHealth, sizes map[string]int) ([]contract.Finding, error) {
	server, err := p.AskInfo(ctx)
	if err != nil {
		return nil, err
	}
	all := checkSettings(server)
	more, err := p.findLostConsumers(ctx)
	var look *healthLook
	if err == nil {
		look, err = p.addHealth(ctx, organs, parks)
	}
	if err == nil {
		look.addTimes(h)
		err = p.parkSizes(ctx, sizes)
	}
	return append(all, more...), err
}

// uniqueFindings keeps the first of equal findings: partitions share servers.
func uniqueFindings(all []contract.Finding) (list []contract.Finding) {
	for _, f := range all {
		if !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list
}

// checkSettings finds what a server is configured for, and how it fares.
func checkSettings(i conn.Info) (list []contract.Finding) {
	server := "redis " + cmp.Or(i["valkey_version"], i["redis_version"])
	add := func(severe bool, problem, mend string) {
		list = append(list, contract.Finding{Severe: severe, Subject: server, Problem: problem, Mend: mend})
	}
	if i["role"] == "slave" {
		add(true, "it is a replica of "+i["master_host"]+":"+i["master_port"]+": it takes no writes, and what it shows may be old", "give the address of the primary")
	}
	if err := i.CheckServer(); err != nil {
		add(true, err.Error(), "programs refuse to start until it is repaired")
	}
	if i["evicted_keys"] != "" && i["evicted_keys"] != "0" {
		add(true, i["evicted_keys"]+" keys were evicted", "set maxmemory-policy to noeviction; events may be lost")
	}
	if i["aof_enabled"] == "0" && i.MakesNoSnapshots() {
		add(false, "no append-only file and no snapshots: a restart of the server loses everything", "set appendonly yes")
	} else if i["aof_enabled"] == "0" {
		add(false, "no append-only file: a crash of the server loses what came after its last snapshot", "set appendonly yes")
	}
	if status := i["aof_last_write_status"]; status != "" && status != "ok" {
		add(true, "the last write to the append-only file failed", "look at the disk")
	}
	if status := i["rdb_last_bgsave_status"]; status != "" && status != "ok" {
		add(true, "the last snapshot failed", "look at the disk, and at memory for a fork")
	}
	used, _ := strconv.ParseInt(i["used_memory"], 10, 64) // 0 where the server does not tell
	limit, _ := strconv.ParseInt(i["maxmemory"], 10, 64)
	switch {
	case limit == 0 && i["maxmemory"] != "":
		add(false, "maxmemory is not set: a backlog grows until the system kills the server", "set it below what the machine has")
	case limit > 0 && used > limit/10*9:
		add(true, fmt.Sprintf("%d of %d bytes of maxmemory are used: Publish fails when it is full", used, limit), "work off the backlog, or raise it")
	}
	if n := i["connected_slaves"]; i["role"] == "master" && n != "" && n != "0" && i["min_slaves_good_slaves"] == "" {
		add(false, n+" replicas, and min-replicas-to-write is 0: a primary that is cut off takes writes that are thrown away",
			"set min-replicas-to-write 1 and min-replicas-max-lag 1")
	}
	return list
}

// parkSizes notes how many bytes are parked of each event.
func (p *partition) parkSizes(ctx context.Context, sizes map[string]int) error {
	r := p.SendCommand(ctx, []any{"hgetall", p.Key("n")})
	counts := r.Pairs()
	for field := range counts {
		if event, ok := strings.CutPrefix(field, "parkbytes "); ok {
			sizes[event] = max(sizes[event], countOf(counts, field))
		}
	}
	return r.Err
}

// sizeFindings tells of a park whose bytes are near their limit, unless the number of its events has reached theirs.
func sizeFindings(h *contract.ParkHealth, size int) []contract.Finding {
	if h.Dropped > 0 || size <= parkNearSize {
		return nil
	}
	return []contract.Finding{{
		Subject: "event " + h.Event, Problem: fmt.Sprintf("%d bytes are parked: nobody handles it, and beyond 16 MiB the oldest are let go", size),
		Mend: "start an organ that handles it, or declare it an output",
	}}
}

// findLostConsumers finds those that are gone, and the entries that they hold.
func (p *partition) findLostConsumers(ctx context.Context) (list []contract.Finding, err error) {
	t, err := p.ReloadTable(ctx)
	if err != nil {
		return nil, err
	}
	for _, organ := range slices.Sorted(maps.Keys(t.Organs)) {
		for _, stream := range []string{"q:", "first:"} {
			found, err := p.streamConsumers(ctx, t.Organs[organ].Shown, p.Key(stream+organ))
			if err != nil {
				return nil, err
			}
			list = append(list, found...)
		}
	}
	found, err := p.findPackages(ctx, t)
	return append(list, found...), err
}

// findPackages finds organs that living processes run from several packages, each of which takes a part of
// the organ's events.
func (p *partition) findPackages(ctx context.Context, t *table.Bindings) (list []contract.Finding, err error) {
	r := p.SendCommand(ctx, []any{"zrange", p.Key("live"), 0, -1})
	paths := map[string][]string{}
	for _, member := range r.Strings() {
		words := strings.Fields(member) // see liveMember
		if len(words) == 4 && t.Organs[words[0]] != nil && !slices.Contains(paths[words[0]], words[3]) {
			paths[words[0]] = append(paths[words[0]], words[3])
		}
	}
	for _, organ := range slices.Sorted(maps.Keys(paths)) {
		if of := paths[organ]; len(of) > 1 {
			slices.Sort(of)
			list = append(list, contract.Finding{
				Subject: "organ " + t.Organs[organ].Shown, Problem: "processes run it from several packages: " + strings.Join(of, ", "),
				Mend: "unless it is being moved, two organs have one name, and each gets a part of the events: give one of them another",
			})
		}
	}
	return list, r.Err
}

func (p *partition) streamConsumers(ctx context.Context, organ, key string) (list []contract.Finding, err error) {
	r := p.SendCommand(ctx, []any{"xinfo", "consumers", key, "necro"})
	n := r.Array()
	if resp.HasCode(r.Err, "ERR", "NOGROUP") { // there is no such stream, or no group yet
		return nil, nil
	}
	leaked, subject := 0, "organ "+organ
	for range max(n, 0) {
		name, pending, idle := loop.ReadConsumer(r)
		switch {
		case r.Err != nil:
			return nil, r.Err
		case pending > 0 && idle > stuckAfter:
			list = append(list, contract.Finding{
				Severe: true, Subject: subject, Problem: fmt.Sprintf("%s holds %d entries and has said nothing for %s", name, pending, idle.Round(time.Second)),
				Mend: "a program that runs the organ takes them over: start one, or end a process that stands still",
			})
		case pending == 0 && idle > leakedAfter:
			leaked++
		}
	}
	if leaked > 0 {
		list = append(list, contract.Finding{
			Subject: subject, Problem: fmt.Sprintf("%d consumers are leaked: silent for over an hour, they hold nothing", leaked),
			Mend: "none: a program that runs the organ takes them off",
		})
	}
	return list, r.Err
}
