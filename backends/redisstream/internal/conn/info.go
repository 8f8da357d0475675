package conn

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// AskInfo asks the server for its version and settings. Managed servers refuse CONFIG; then the settings are
// missing, and what depends on them is said with less certainty.
func (n *Node) AskInfo(ctx context.Context) (Info, error) {
	r := n.SendCommand(ctx, []any{"info"})
	info := ParseInfo(string(r.Bulk()))
	if r.Err != nil {
		return nil, r.Err
	}
	config := n.SendCommand(ctx, []any{"config", "get", "appendfsync", "save"}).Strings()
	for i := 1; i < len(config); i += 2 {
		info[config[i-1]] = config[i]
	}
	return info, nil
}

// Info holds the lines of INFO about a server, and the settings that CONFIG GET told.
type Info map[string]string

// ParseInfo reads what INFO answers: a field and its value on each line, headings and blank lines between them.
func ParseInfo(text string) Info {
	fields := Info{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			fields[name] = value
		}
	}
	return fields
}

// CheckServer returns why this backend cannot work with the server. Valkey began with what Redis 7.2 had, so
// each of its versions will do.
func (i Info) CheckServer() error {
	version := i["redis_version"]
	if i["valkey_version"] == "" {
		major, _, _ := strings.Cut(version, ".")
		if n, err := strconv.Atoi(major); err != nil || n < 7 {
			return fmt.Errorf("redis %s is too old: need 7.0 or later, or Valkey", version)
		}
	}
	if policy := i["maxmemory_policy"]; policy != "" && policy != "noeviction" {
		return fmt.Errorf("redis has maxmemory-policy %s, under which it forgets events: set it to noeviction", policy)
	}
	return nil
}

// DurabilityLine says in a line how stored events survive, for the log at the start: the settings of the server
// decide that, and nothing else of the backend shows them.
func (i Info) DurabilityLine() string {
	survives := "no AOF: a crash of the server loses what came after its last snapshot"
	if i.MakesNoSnapshots() {
		survives = "neither AOF nor snapshots: a restart of the server loses everything"
	}
	if i["aof_enabled"] == "1" {
		switch i["appendfsync"] {
		case "always":
			survives = "AOF, appendfsync always: what is acknowledged survives"
		case "everysec":
			survives = "AOF, appendfsync everysec: a crash of the machine may lose the last second or two"
		case "no":
			survives = "AOF, appendfsync no: a crash of the machine may lose the last half minute"
		default:
			survives = "AOF: its appendfsync says what a crash of the machine may lose"
		}
	}
	if n := i["connected_slaves"]; n != "" && n != "0" {
		survives += "; " + n + " replicas, asynchronous: a failover may lose the last writes"
	}
	return survives
}

// MakesNoSnapshots reports whether the server says that it makes none.
func (i Info) MakesNoSnapshots() bool {
	schedule, told := i["save"]
	return told && schedule == ""
}

// Number returns a field that must be a number. A proxy may leave fields out, which is an error here.
func (i Info) Number(name string) (float64, error) {
	text, ok := i[name]
	if !ok {
		return 0, fmt.Errorf("redis: INFO memory tells no %s", name)
	}
	return strconv.ParseFloat(text, 64)
}
