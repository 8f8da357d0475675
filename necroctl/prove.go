package necroctl

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/necrostack/necrogen/internal/operate"
	"github.com/necrostack/necrogen/internal/topology"
)

// proving is what the flags of prove and snapshot set.
type proving struct {
	from     files
	snapshot string // a file to read in place of the backend
	file     string // to write
}

// files is a flag that may be given several times.
type files []string

func (f *files) String() string { return strings.Join(*f, " ") }

// Set adds a file.
func (f *files) Set(name string) error {
	*f = append(*f, name)
	return nil
}

func proveFlags(o *options, flags *flag.FlagSet) {
	outputFlag(o, flags)
	flags.Var(&o.from, "from", "also prove a rollback to the release with this topology `file`; once for each of its programs")
	flags.StringVar(&o.snapshot, "snapshot", "", "compare with this `file` of necroctl snapshot, in place of the backend")
	lookFlag(o, flags)
}

func snapshotFlags(o *options, flags *flag.FlagSet) {
	flags.StringVar(&o.file, "o", "", "write to this `file`; the default is the output")
	lookFlag(o, flags)
}

func lookFlag(o *options, flags *flag.FlagSet) {
	flags.IntVar(&o.limit, "limit", 100_000, "look at most at so many stored events, and as many records of states; 0 for all")
}

// takeSnapshot writes what prove needs to know of a running system.
func (r *run) takeSnapshot([]string) int {
	s, err := topology.Take(r.ctx, r.backend, r.limit)
	if err != nil {
		return r.tellFailure(err)
	}
	r.tellCut(s)
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		return r.tellFailure(err)
	}
	if r.file == "" {
		_, err = r.out.Write(b.Bytes())
	} else {
		err = os.WriteFile(r.file, b.Bytes(), 0o644)
	}
	return r.exitCode(err)
}

// proof is what prove tells scripts.
type proof struct {
	Taken    time.Time          `json:"taken"`  // when the running system was looked at
	Looked   int                `json:"looked"` // at so many stored events
	Total    int                `json:"total"`  // of so many
	Complete bool               `json:"complete"`
	Findings []topology.Finding `json:"findings"`
}

// proveRelease compares a release with a running system.
func (r *run) proveRelease(words []string) int {
	release, err := readRelease(words)
	if err != nil {
		return r.tellFailure(err)
	}
	former, err := readRelease(r.from)
	if err != nil {
		return r.tellFailure(err)
	}
	s, err := r.runningSystem()
	if err != nil {
		return r.tellFailure(err)
	}
	told := proof{s.Taken, s.Looked, s.Total, !s.Cut && !s.StatesCut && s.Uncounted == 0, topology.Prove(release, s)}
	if len(r.from) > 0 {
		told.Findings = append(told.Findings, topology.ProveRollback(release, former)...)
	}
	code := ExitDone
	for _, f := range told.Findings {
		if f.Severe {
			code = ExitWrong
		}
	}
	r.tellCut(s)
	if r.output == "json" {
		return max(code, r.printJSON(told))
	}
	return max(code, r.printProof(told))
}

// readRelease reads the topologies of the programs of a release.
func readRelease(paths []string) (*topology.Release, error) {
	var list []*topology.File
	for _, path := range paths {
		f, err := topology.Open(path)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return topology.NewRelease(list...), nil
}

// runningSystem returns the snapshot that is named, or takes one.
func (r *run) runningSystem() (*topology.Snapshot, error) {
	if r.snapshot != "" {
		return topology.OpenSnapshot(r.snapshot)
	}
	return topology.Take(r.ctx, r.backend, r.limit)
}

// tellCut says what a snapshot has not looked at.
func (r *run) tellCut(s *topology.Snapshot) {
	if s.Cut {
		r.printNote("looked at the first %d of %d stored events: -limit 0 looks at all", s.Looked, max(s.Total, s.Looked+1))
	}
	if s.StatesCut {
		r.printNote("there are more records of states than it has looked at: -limit 0 looks at all")
	}
	if s.Uncounted > 0 {
		r.printNote("%d of the stored events have names beside those of the first 20,000, and are left out", s.Uncounted)
	}
}

// printProof prints findings for people, each with what to do about it.
func (r *run) printProof(p proof) int {
	var b strings.Builder
	for _, f := range p.Findings {
		grade := "note"
		if f.Severe {
			grade = "ERROR"
		}
		fmt.Fprintf(&b, "%-8s %s %s: %s\n", grade, f.Kind, operate.OneLine(subjectOf(f)), operate.OneLine(f.Problem))
		if text := f.Text(); text != "" {
			fmt.Fprintf(&b, "         %s%s\n", text, ageText(f, p.Taken))
		}
		if f.Mend != "" {
			fmt.Fprintf(&b, "         %s\n", operate.OneLine(f.Mend))
		}
	}
	if len(p.Findings) == 0 {
		fmt.Fprintln(&b, "nothing is wrong")
	}
	_, err := r.out.Write([]byte(b.String()))
	return r.exitCode(err)
}

// subjectOf says what a finding is about.
func subjectOf(f topology.Finding) string {
	var words []string
	if f.Organ != "" {
		words = append(words, "organ "+f.Organ)
	}
	if f.Event != "" {
		words = append(words, "event "+f.Event)
	}
	if f.Version != 0 {
		words = append(words, fmt.Sprint("version ", f.Version))
	}
	return strings.Join(words, ", ")
}

// ageText says how old the oldest event was when the system was looked at.
func ageText(f topology.Finding, at time.Time) string {
	if f.Oldest == nil {
		return ""
	}
	return "; the oldest is of " + f.Oldest.UTC().Format(time.RFC3339) + ", " + operate.FormatAge(max(at.Sub(*f.Oldest), time.Millisecond)) + " before"
}
