package topology

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/necrostack/necrogen/runtime/contract"
)

// fileKind is the kind of a file that describes a release, and fileFormat the version of its form.
const (
	fileKind   = "necrostack topology"
	fileFormat = 1
)

// File describes a release: what it can read, handle and emit. The same release gives the same file.
type File struct {
	Kind     string  `json:"kind"`
	Format   int     `json:"format"`
	Module   string  `json:"module,omitempty"`
	Necrogen string  `json:"necrogen,omitempty"` // the version of necrogen, or of the runtime in a program, that wrote it
	Events   []Event `json:"events"`
	Organs   []Organ `json:"organs"`
	States   []State `json:"states"`
}

// Event is an event that organs of the release handle or emit, or that it declares.
type Event struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`
	Version int      `json:"version"` // the one that the release writes
	Shape   string   `json:"shape,omitempty"`
	Output  bool     `json:"output,omitempty"` // no organ is expected to handle it
	// Foreign says that necrogen has not seen its module: its shape is not known, nor its older versions.
	Foreign bool   `json:"foreign,omitempty"`
	Every   string `json:"every,omitempty"` // its schedule, as a //necro:every comment says it
	// Upcasts are the older versions that the release reads, the newest first.
	Upcasts []Version `json:"upcasts,omitempty"`
}

// Version is an older version of an event or of a state.
type Version struct {
	Name    string   `json:"name,omitempty"` // empty for that of the newest
	Aliases []string `json:"aliases,omitempty"`
	Version int      `json:"version"`
	Shape   string   `json:"shape,omitempty"` // a hash of names, kinds and order of its fields
}

// Organ is an organ of the release. Its events are named as the list of events names them.
type Organ struct {
	Name      string   `json:"name"`
	Aliases   []string `json:"aliases,omitempty"`
	Path      string   `json:"path"`
	Order     string   `json:"order,omitempty"` // key or strict
	Exclusive bool     `json:"exclusive,omitempty"`
	Lanes     int      `json:"lanes,omitempty"`
	State     string   `json:"state,omitempty"`
	Handles   []string `json:"handles"`
	Emits     []string `json:"emits"`
	Timers    []string `json:"timers,omitempty"`
}

// State is what an organ keeps for each key.
type State struct {
	Name    string    `json:"name"`
	Organ   string    `json:"organ"`
	Version int       `json:"version"`
	Shape   string    `json:"shape,omitempty"`
	Upcasts []Version `json:"upcasts,omitempty"`
}

// NewFile returns a file without content.
func NewFile(module, necrogen string) *File {
	return &File{Kind: fileKind, Format: fileFormat, Module: module, Necrogen: necrogen, Events: []Event{}, Organs: []Organ{}, States: []State{}}
}

// Write writes the file, sorted.
func (f *File) Write(w io.Writer) error {
	f.sort()
	return writeJSON(w, f)
}

func (f *File) sort() {
	slices.SortFunc(f.Events, func(a, b Event) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(f.States, func(a, b State) int { return cmp.Or(cmp.Compare(a.Organ, b.Organ), cmp.Compare(a.Name, b.Name)) })
	slices.SortFunc(f.Organs, func(a, b Organ) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Path, b.Path)) })
	for i := range f.Organs {
		o := &f.Organs[i]
		o.Handles, o.Emits, o.Timers = sortNames(o.Handles), sortNames(o.Emits), sortNames(o.Timers)
	}
}

// sortNames returns each name once, sorted.
func sortNames(names []string) []string {
	if names == nil {
		return []string{}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ShapeText writes the fingerprint of a shape.
func ShapeText(fingerprint uint64) string { return fmt.Sprintf("%016x", fingerprint) }

// ScheduleText writes a schedule as backends keep it, from the words of its comment.
func ScheduleText(expression, zone, catchup string, jitter time.Duration) string {
	s := contract.Schedule{Expression: expression, Zone: zone, Jitter: jitter}
	switch catchup {
	case "skip":
		s.Catchup = contract.CatchupSkip
	case "all":
		s.Catchup = contract.CatchupAll
	}
	return s.String()
}

// check refuses what no release can be.
func (f *File) check() error {
	if err := checkHead(f.Kind, fileKind, f.Format, fileFormat); err != nil {
		return err
	}
	events, organs, listed := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, e := range f.Events {
		if e.Name == "" || e.Version < 1 || len(e.Upcasts) > maxUpcasts {
			return fmt.Errorf("event %.80q version %d: need a name, a version of 1 or more, and at most %d older ones", e.Name, e.Version, maxUpcasts)
		}
		listed[e.Name] = true
		for _, name := range namesOf(e.versions()) {
			if events[name]++; events[name] > maxShared {
				return fmt.Errorf("more than %d events have the name %.80q", maxShared, name)
			}
		}
	}
	for _, o := range f.Organs {
		if o.Name == "" || len(o.Aliases) > maxAliases {
			return fmt.Errorf("organ %.80q: need a name, and at most %d aliases", o.Name, maxAliases)
		}
		for _, name := range append([]string{o.Name}, o.Aliases...) {
			if organs[name]++; organs[name] > maxShared {
				return fmt.Errorf("more than %d organs have the name %.80q", maxShared, name)
			}
		}
		for _, name := range slices.Concat(o.Handles, o.Emits, o.Timers) {
			if !listed[name] {
				return fmt.Errorf("organ %.80s: its event %.80q is not among the events", o.Name, name)
			}
		}
	}
	for _, s := range f.States {
		if s.Name == "" || s.Organ == "" || s.Version < 1 || len(s.Upcasts) > maxUpcasts {
			return fmt.Errorf("state %.80q of organ %.80q version %d: need names, a version of 1 or more, and at most %d older ones", s.Name, s.Organ, s.Version, maxUpcasts)
		}
	}
	return nil
}

// What bounds the time that a hostile file can take.
const (
	maxUpcasts = 1000 // of an event or a state
	maxAliases = 1000 // of an organ
	maxShared  = 20   // events, or organs, of one name
)

// namesOf returns each name of an event once.
func namesOf(versions []Version) []string {
	var names []string
	for _, v := range versions {
		names = append(names, v.names()...)
	}
	return sortNames(names)
}
