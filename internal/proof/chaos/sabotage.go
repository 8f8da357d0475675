package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/proof/sabotage"
)

// sabotages are backends that are broken on purpose, by name.
var sabotages = map[string][]sabotage.Edit{
	// Emissions are published behind the step that acknowledges.
	"ack": {{
		In: "backends/redisstream/internal/loop", Decl: "(*queue).settleAll",
		Old: `parts, n := q.divideParts(outcomes)`,
		New: `
			parts, n := q.divideParts(outcomes)
			emits := make([][]contract.Message, n)
			for i := range outcomes[:n] {
				emits[i], outcomes[i].Emit = outcomes[i].Emit, nil
			}`,
	}, {
		In: "backends/redisstream/internal/loop", Decl: "(*queue).settleAll",
		Old: `
			for i := range parts {
				results = append(results, parts[i].results...)
			}`,
		New: `
			from := len(results)
			for i := range parts {
				results = append(results, parts[i].results...)
			}
			for i, emit := range emits {
				if !results.IsApplied(from+i) || len(emit) == 0 {
					continue
				}
				r := q.p.CallFresh(ctx, func(t *table.Bindings) *resp.Reply {
					rs := table.NewRoutes(q.p.Keys(), t)
					w := store.NewRowsWithIDs(&rs.Routes)
					for j := range emit {
						addMessage(rs, w, withPayload(&emit[j]))
					}
					w.Close()
					publish := store.PublishRequest{Keys: q.p.Keys(), Digest: t.Digest, Number: int(time.Now().UnixNano()), Renew: true, Process: q.p.process.Name + "'", Rows: w}
					return q.p.RunCall(ctx, publish.Call())
				})
				if r.Err != nil {
					return nil, r.Err
				}
			}`,
	}},
	// A settle that comes too late stores its emissions nevertheless.
	"fence": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `local function apply(counts, kind, delivery, key, unique)`,
		New: `
			local function apply(counts, kind, delivery, key, unique)
			counts = true`,
	}, {
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `storeRows(ours)`,
		New: `storeRows(whole)`,
	}, {
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `applied[#applied + 1] = ours and '1' or '0'`,
		New: `
			if not ours and route then give(n, route, count, ARGV[i + 1]) end
			applied[#applied + 1] = ours and '1' or '0'`,
	}},
	// A record is written whoever has read it, whoever owns its lane, and whether the delivery was settled before or not. Each of the
	// three keeps updates from being lost by itself.
	"state": {{
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `if current[key] ~= read then current[key] = false end`,
		New: ``,
	}, {
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `ownsLanes(own, n, owner, epoch)`,
		New: `true`,
	}, {
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `local ours = owns(stream, id) and not pending.err and #pending == 1`,
		New: `local ours = owns(stream, id) and (epoch ~= '' or not pending.err and #pending == 1)`,
	}, {
		In:  "backends/redisstream/internal/store/settle.lua",
		Old: `counts = counts and not pending.err and #pending == 1`,
		New: `counts = counts and (epoch ~= '' or not pending.err and #pending == 1)`,
	}},
}

// buildProgram returns the program that workers and publishers run: this one, or with a sabotage
// one that is built from edited files. No production code knows of that.
func (o *options) buildProgram(ctx context.Context, dir string) (string, error) {
	if o.sabotage == "" {
		return os.Executable()
	}
	edits := sabotages[o.sabotage]
	if edits == nil {
		return "", fmt.Errorf("no sabotage is named %q: want one of %s", o.sabotage, slices.Sorted(maps.Keys(sabotages)))
	}
	root, err := runCommand(exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/necrostack/necrogen"))
	if err != nil {
		return "", err
	}
	overlay, err := sabotage.Open(strings.TrimSpace(root)).Overlay(filepath.Join(dir, "edited"), edits)
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "sabotaged")
	build := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "-o", program, "./internal/proof/chaos")
	build.Dir = strings.TrimSpace(root)
	_, err = runCommand(build)
	return program, err
}

// runCommand runs a command, and returns its output. The error has the text of its complaint.
func runCommand(cmd *exec.Cmd) (string, error) {
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, complaints.Bytes())
	}
	return string(out), nil
}
