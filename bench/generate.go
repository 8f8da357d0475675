package main

import (
	"debug/buildinfo"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/necrostack/necrogen/internal/testkit/synthetic"
)

const modulePath = "github.com/necrostack/necrogen"

// race is a contest of generators over the same packages: how long go generate waits for the process. All write
// the generated files that changed.
type race struct {
	title  string
	steps  int     // how many packages there are, but for the program that imports them
	edited bool    // before each run, in the package that all others come after
	limit  float64 // milliseconds that ours may take
}

var races = []race{
	{"4 packages, nothing changed", 4, false, 150},
	{"40 packages and their program, nothing changed", 40, false, 350},
	{"the same after an edit", 40, true, 350},
}

// generator is a contestant of a race.
type generator struct {
	name string
	tool string // its package
	args func(steps int) []string
}

// generators: ours, the floor, which is what tells any of them which files there are, and the
// peers. Stringer takes one package at a time: it gets the last one alone.
var generators = []generator{
	{"necrogen", modulePath + "/cmd/necrogen", func(steps int) []string {
		return append(stepPatterns(steps), programPattern(steps)...)
	}},
	{"go list -deps alone", "", func(steps int) []string {
		return append(append([]string{"list", "-deps"}, stepPatterns(steps)...), programPattern(steps)...)
	}},
	{"goverter", "github.com/jmattheis/goverter/cmd/goverter", func(steps int) []string {
		return append([]string{"gen"}, stepPatterns(steps)...)
	}},
	{"stringer", "golang.org/x/tools/cmd/stringer", func(steps int) []string {
		return []string{"-type=Side", "./" + synthetic.Name(steps-1)}
	}},
}

func stepPatterns(steps int) []string {
	var patterns []string
	for i := range steps {
		patterns = append(patterns, "./"+synthetic.Name(i))
	}
	return patterns
}

// programPattern is the program that imports all packages, when all are asked for.
func programPattern(steps int) []string {
	if steps < 40 {
		return nil
	}
	return []string{"./app"}
}

// printGenerate holds the races. A short round has a small module: to compile the large one, as
// goverter does, takes a minute.
func printGenerate(w io.Writer, s settings) (missed []string, err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	steps := 40
	if s.rounds == 1 {
		steps = 4
	}
	t, err := newTrack(dir, steps)
	if err != nil {
		return nil, err
	}
	for _, r := range races {
		if r.steps > t.steps {
			continue
		}
		samples, err := t.runRace(r, s.rounds)
		if err != nil {
			return nil, err
		}
		missed = append(missed, r.printRace(w, t.rows, samples)...)
	}
	return missed, nil
}

// track is where races are held: tools that are built, and a module.
type track struct {
	module string
	bin    string
	steps  int
	rows   []string // for each generator
	edits  int
}

func newTrack(dir string, steps int) (*track, error) {
	t := &track{module: filepath.Join(dir, "module"), bin: filepath.Join(dir, "bin"), steps: steps}
	repository, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", modulePath).Output()
	if err != nil {
		return nil, fmt.Errorf("finding the repository: %w", err)
	}
	if err := synthetic.Write(t.module, string(repository[:len(repository)-1]), steps); err != nil {
		return nil, err
	}
	for _, g := range generators {
		if err := t.buildGenerator(g); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// buildGenerator builds a generator, whose version go.mod says, and adds its row.
func (t *track) buildGenerator(g generator) error {
	if g.tool == "" {
		t.rows = append(t.rows, g.name)
		return nil
	}
	if out, err := exec.Command("go", "build", "-o", t.commandPath(g), g.tool).CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", g.tool, err, out)
	}
	info, err := buildinfo.ReadFile(t.commandPath(g))
	if err != nil {
		return fmt.Errorf("reading the version of %s: %w", g.name, err)
	}
	row := g.name
	if info.Main.Path != modulePath {
		row += " " + info.Main.Version
	}
	t.rows = append(t.rows, row)
	return nil
}

// commandPath is where the command of a generator is.
func (t *track) commandPath(g generator) string {
	if g.tool == "" {
		return "go"
	}
	return filepath.Join(t.bin, filepath.Base(g.tool)+".exe")
}

// runRace holds a race; its first round is not counted. After an edit goverter alone takes so long
// that three rounds have to do.
func (t *track) runRace(r race, rounds int) ([][]sample, error) {
	rounds = min(rounds, 11)
	if r.edited {
		rounds = min(rounds, 3)
	}
	samples := make([][]sample, len(generators))
	for round := range rounds + 1 {
		for i, g := range generators {
			took, err := t.runGenerator(r, g)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				samples[i] = append(samples[i], sample{nanos: float64(took)})
			}
		}
	}
	return samples, nil
}

// runGenerator runs a generator once, outside of the workspace that bench stands in.
func (t *track) runGenerator(r race, g generator) (time.Duration, error) {
	if t.edits++; r.edited {
		if err := synthetic.Edit(t.module, t.edits); err != nil {
			return 0, err
		}
	}
	cmd := exec.Command(t.commandPath(g), g.args(r.steps)...)
	cmd.Dir = t.module
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", g.name, err, out)
	}
	return took, nil
}

// printRace prints one race, ours first. A target in milliseconds is for a machine that has nothing
// else to do, so it is held against the fastest round.
func (r race) printRace(w io.Writer, rows []string, samples [][]sample) (missed []string) {
	fmt.Fprintf(w, "generate: %s\n", r.title)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  \tms\tfastest\tours against it\ttarget")
	for i, row := range rows {
		millis := medianOf(samples[i], func(s sample) float64 { return s.nanos / 1e6 })
		against, target := goal{}.judge(samples[0], samples[i]).String(), ""
		if i == 0 {
			against, target = "", r.targetText(fastestMillis(samples[i]))
			missed = r.missText(fastestMillis(samples[i]))
		}
		fmt.Fprintf(t, "  %s\t%.0f\t%.0f\t%s\t%s\n", row, millis, fastestMillis(samples[i]), against, target)
	}
	t.Flush()
	fmt.Fprintln(w)
	return missed
}

// fastestMillis returns the milliseconds of the fastest round.
func fastestMillis(samples []sample) float64 {
	least := samples[0].nanos
	for _, s := range samples {
		least = min(least, s.nanos)
	}
	return least / 1e6
}

func (r race) targetText(millis float64) string {
	if millis > r.limit {
		return fmt.Sprintf("≤ %.0f ms  MISSED", r.limit)
	}
	return fmt.Sprintf("≤ %.0f ms  reached", r.limit)
}

func (r race) missText(millis float64) []string {
	if millis <= r.limit {
		return nil
	}
	return []string{fmt.Sprintf("  generate: %s: %.0f ms, target ≤ %.0f ms", r.title, millis, r.limit)}
}
