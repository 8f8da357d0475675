package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The kinds of findings.
const (
	Unread    = "unread"    // the release cannot read it
	Unhandled = "unhandled" // the release can read it, and has no handler for it
	Orphaned  = "orphaned"  // the release does not have what the backend keeps it for
	Rollback  = "rollback"  // the former release could not go on with what this one leaves behind
	Differs   = "differs"   // it is bound in another way than the release wants
)

// Finding is what a release would do wrong.
type Finding struct {
	// Severe says that it is wrong; else it is worth knowing.
	Severe  bool   `json:"severe"`
	Kind    string `json:"kind"` // one of the constants above
	Organ   string `json:"organ,omitempty"`
	Event   string `json:"event,omitempty"`
	Version int    `json:"version,omitempty"`
	Counts
	Problem string `json:"problem"`
	Mend    string `json:"mend,omitempty"`
}

// Counts are how much of what is stored a finding is about.
type Counts struct {
	Waiting   int `json:"waiting,omitempty"`
	Scheduled int `json:"scheduled,omitempty"`
	Dead      int `json:"dead,omitempty"`
	Parked    int `json:"parked,omitempty"`
	States    int `json:"states,omitempty"`
	// Oldest is when the oldest of the events was published; nil where there is none.
	Oldest *time.Time `json:"oldest,omitempty"`
}

// addStored counts a group.
func (c *Counts) addStored(g StoredEvents) {
	switch g.Place {
	case PlaceScheduled:
		c.Scheduled += g.Count
	case PlaceDead:
		c.Dead += g.Count
	case PlaceParked:
		c.Parked += g.Count
	default:
		c.Waiting += g.Count
	}
	c.noteAge(g)
}

func (c *Counts) noteAge(g StoredEvents) {
	if c.Oldest == nil || g.Oldest.Before(*c.Oldest) {
		c.Oldest = &g.Oldest
	}
}

// Text writes the counts for people: "3 waiting, 1 dead", or nothing.
func (c *Counts) Text() string {
	var words []string
	for _, part := range []struct {
		n    int
		what string
	}{{c.Waiting, "waiting"}, {c.Scheduled, "scheduled"}, {c.Dead, "dead"}, {c.Parked, "parked"}, {c.States, "states"}} {
		if part.n > 0 {
			words = append(words, fmt.Sprint(part.n, " ", part.what))
		}
	}
	return strings.Join(words, ", ")
}

// Prove returns what a release would do wrong with a running system, severe findings first.
func Prove(r *Release, s *Snapshot) []Finding {
	p := prover{release: r, snapshot: s, organs: map[string]BoundOrgan{}, found: map[findingKey]*Finding{}, told: map[[2]string]bool{}}
	for _, o := range s.Organs {
		p.organs[o.Name] = o
	}
	p.proveOrgans()
	for _, g := range s.Stored {
		p.proveStored(g)
	}
	for _, g := range s.States {
		p.proveStates(g)
	}
	p.proveBindings()
	p.proveSchedules()
	return sortFindings(p.list)
}

// sortFindings puts severe ones first.
func sortFindings(found []*Finding) []Finding {
	slices.SortStableFunc(found, func(a, b *Finding) int {
		severe := func(f *Finding) int {
			if f.Severe {
				return 0
			}
			return 1
		}
		return cmp.Or(severe(a)-severe(b), cmp.Compare(a.Organ, b.Organ), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Kind, b.Kind))
	})
	list := []Finding{}
	for _, f := range found {
		list = append(list, *f)
	}
	return list
}

type prover struct {
	release  *Release
	snapshot *Snapshot
	organs   map[string]BoundOrgan
	list     []*Finding
	found    map[findingKey]*Finding
	told     map[[2]string]bool // organs and events of findings
}

// findingKey tells findings apart that counts are added to.
type findingKey struct {
	kind, organ, event string
	version            int
}

// finding returns the finding of a kind, which is made the first time.
func (p *prover) finding(like Finding) *Finding {
	key := findingKey{like.Kind, like.Organ, like.Event, like.Version}
	if p.found[key] == nil {
		p.found[key], p.told[[2]string{like.Organ, like.Event}] = &like, true
		p.list = append(p.list, &like)
	}
	return p.found[key]
}

// organsOf returns the organs of the release that a bound one is. The name under which it was bound first is its own where no
// organ has the one under which it was bound last.
func (p *prover) organsOf(name string) []*releasedOrgan {
	if found := p.release.organsNamed(name); len(found) > 0 {
		return found
	}
	return p.release.organsNamed(p.organs[name].Identity)
}

// proveOrgans finds organs that nobody runs any more. Health has counted what is stored for them.
func (p *prover) proveOrgans() {
	for _, o := range p.snapshot.Organs {
		if len(p.organsOf(o.Name)) > 0 {
			continue
		}
		f := p.orphan(o.Name)
		f.Waiting, f.Scheduled, f.Dead = o.Waiting, o.Scheduled, o.Dead
	}
}

func (p *prover) orphan(organ string) *Finding {
	return p.finding(Finding{
		Severe: true, Kind: Orphaned, Organ: organ,
		Problem: "no organ of the release has this name or this alias: nobody runs it any more, and it keeps collecting",
		Mend: fmt.Sprintf("if it was renamed: alias=%s. If another program runs it: name that one's topology, too. If it is to go: deploy without it, then necroctl remove-organ %s",
			organ, organ),
	})
}

// proveStored finds events that the release does not take.
func (p *prover) proveStored(g StoredEvents) {
	organs, organ := p.takers(g)
	if organ != "" && len(organs) == 0 {
		f := p.orphan(organ)
		if _, bound := p.organs[organ]; bound && g.Organ == organ {
			f.noteAge(g) // Health has counted it
		} else {
			f.addStored(g)
		}
		return
	}
	v, known := p.release.judge(organs, g.Event, g.Version)
	if v == readable || v == unhandled && organ == "" && p.release.outputs(g.Event) {
		return
	}
	p.judged(v, known, organ, g.Event, g.Version).addStored(g)
}

// takers returns the organs of the release that get a stored event, and the organ that it is for: none for a delayed or a
// parked event, unless that is one of a timer.
func (p *prover) takers(g StoredEvents) (organs []*releasedOrgan, organ string) {
	if g.Organ != "" {
		return p.organsOf(g.Organ), g.Organ
	}
	if _, of := splitTimer(g.Event); of != "" {
		return p.organsOf(of), of
	}
	return p.release.handlers(g.Event), ""
}

// judged returns the finding about an event that the release does not take.
func (p *prover) judged(v verdict, known []int, organ, event string, version int) *Finding {
	f := Finding{Severe: true, Kind: Unread, Organ: organ, Event: event, Version: version}
	switch v {
	case tooNew:
		f.Problem = fmt.Sprintf("the release knows %s, and this one is newer", versionsText(known))
		f.Mend = "a newer release has written it: deploy one that knows the version"
	case tooOld:
		f.Problem = fmt.Sprintf("the release reads %s, and no upcast leads from this one", versionsText(known))
		f.Mend = fmt.Sprintf("keep the struct of version %d with its //necro:upcast until none is stored", version)
	case perhaps:
		f.Severe = false
		f.Problem = "the event is of another module, whose older versions necrogen has not seen: the release may read it, or not"
		f.Mend = "prove what the program says of itself: package runtime/topology knows all versions"
	case unhandled:
		f.Kind = Unhandled
		f.Problem = "the release has no handler for it"
		f.Mend = "keep the handler until none is stored. Dead letters that nobody needs: necroctl dead discard -event " + event
	default:
		f.Problem = "the release knows no event of this name or this alias"
		f.Mend = fmt.Sprintf("if it was renamed: alias=%s. If it was removed: keep it until none is stored. Dead letters that nobody needs: necroctl dead discard -event %s", event, event)
	}
	return p.finding(f)
}

func versionsText(known []int) string {
	if len(known) == 1 {
		return fmt.Sprint("version ", known[0])
	}
	const most = 10
	if len(known) > most {
		return fmt.Sprintf("%d versions from %d to %d", len(known), known[0], known[len(known)-1])
	}
	var words []string
	for _, v := range known {
		words = append(words, fmt.Sprint(v))
	}
	return "versions " + strings.Join(words, ", ")
}

// proveStates finds records that the release cannot read.
func (p *prover) proveStates(g StoredStates) {
	organs := p.organsOf(g.Organ)
	if len(organs) == 0 {
		p.orphan(g.Organ).States += g.Count
		return
	}
	f := Finding{Severe: true, Kind: Unread, Organ: g.Organ, Version: g.Version}
	for _, o := range organs {
		if o.state == nil {
			f.Kind, f.Problem, f.Mend = Orphaned, "the organ keeps no state in the release", "keep the state until the organ has ended its records"
			continue
		}
		if _, ok := o.state.shapeOf(g.Version); ok {
			return
		}
		f.Problem = fmt.Sprintf("the release cannot read records of version %d of the state %s", g.Version, o.state.Name)
		f.Mend = "events of these keys would be declined until they are dead letters: deploy a release that reads the version"
	}
	p.finding(f).States += g.Count
}

// proveBindings finds organs that are bound to events which the release does not hand them, or in another order.
func (p *prover) proveBindings() {
	for _, bound := range p.snapshot.Organs {
		organs := p.organsOf(bound.Name)
		if len(organs) == 0 {
			continue
		}
		for _, event := range bound.Events {
			p.proveBound(bound.Name, event, organs)
		}
		p.provePolicy(bound, organs[0])
	}
}

// proveBound finds a binding to an event that the organ does not handle any more.
func (p *prover) proveBound(organ, event string, organs []*releasedOrgan) {
	if p.told[[2]string{organ, event}] || slices.ContainsFunc(organs, func(o *releasedOrgan) bool { return p.release.read(o, event) != nil }) {
		return // what is stored tells more
	}
	_, timer := splitTimer(event)
	p.finding(Finding{
		Severe: timer == "" && p.release.knows(event), Kind: Unhandled, Organ: organ, Event: event,
		Problem: "the organ stays bound to it, and has no handler for it in the release: what is published of it becomes dead letters of the organ",
		Mend:    fmt.Sprintf("keep the handler; or, when nothing is stored for the organ, necroctl remove-organ %s between the two releases", organ),
	})
}

// provePolicy finds an order that the release wants and does not get at once.
func (p *prover) provePolicy(bound BoundOrgan, o *releasedOrgan) {
	if bound.Policy == nil {
		return
	}
	is, wants := bound.Policy.Text(), o.wanted(p.snapshot.KeepsLanes).Text()
	if is != wants {
		p.finding(Finding{Kind: Differs, Organ: bound.Name,
			Problem: fmt.Sprintf("it is bound with %s, and the release wants %s: all processes run under the bound one until no living process wants it", is, wants)})
	}
}

// wanted returns the order that an organ asks a backend for, as the runtime does: a state needs the order of keys, in one process at a
// time or in lanes.
func (o *releasedOrgan) wanted(keepsLanes bool) *BoundPolicy {
	w := &BoundPolicy{o.Order, o.Exclusive, o.Lanes}
	if !keepsLanes {
		w.Lanes = 0
	}
	if o.state != nil {
		w.Order = cmp.Or(w.Order, "key")
		w.Exclusive = w.Exclusive || w.Lanes <= 1
	}
	return w
}

// Text writes an order as annotations do.
func (b *BoundPolicy) Text() string {
	var words []string
	if b.Order != "" {
		words = append(words, "order="+b.Order)
	}
	if b.Exclusive {
		words = append(words, "exclusive")
	}
	if b.Lanes > 1 {
		words = append(words, fmt.Sprint("lanes=", b.Lanes))
	}
	if len(words) == 0 {
		return "no order"
	}
	return strings.Join(words, " ")
}

// proveSchedules finds schedules that the release keeps in another way, or not at all.
func (p *prover) proveSchedules() {
	for _, s := range p.snapshot.Schedules {
		switch wants := p.release.every(s.Event); wants {
		case s.Every:
		case "":
			p.finding(Finding{Kind: Orphaned, Event: s.Event,
				Problem: fmt.Sprintf("no event of the release has this schedule, %s: it fires no more, and is forgotten after 30 days", s.Every)})
		default:
			p.finding(Finding{Kind: Differs, Event: s.Event,
				Problem: fmt.Sprintf("it is published by %s, and the release wants %s: it fires by the former until no living process wants that", s.Every, wants)})
		}
	}
}
