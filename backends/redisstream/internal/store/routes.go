package store

import "time"

// Routes says where the messages of one call go. A script reads it with lib.lua's readRoutes. Routes and
// targets are numbered from 0 on here, and from 1 on in Lua.
type Routes struct {
	Keys    Keys
	Targets []Target
	List    []Route
}

// Target is a stream of an organ that messages go to.
type Target struct {
	Organ string
	Front bool // the front stream, else the queue
	Pack  int  // most messages of an entry
}

// Route is where messages of one event go: to targets, to a park, into the schedule, or nowhere.
type Route struct {
	Event   string
	Targets []int
	Park    bool // without targets: the messages wait for the first organ that binds the event
	Behind  bool // the park is being handed over: it takes newer events, too, and lets nothing go
	Later   bool // without targets: the messages are delayed. Each is what AppendDelay has written, and the message
	Output  bool // with Later: the event is an output, which has no park
	Pack    int  // most messages of an entry: of the target with the smallest ones
}

// AppendDelay appends what stands in front of a message that goes into the schedule. The message is due after the delay, by
// the clock of the partition, and not before.
func AppendDelay(b []byte, delay time.Duration, id [16]byte) []byte {
	millis := uint64(millisUp(max(delay, 0)) + 1) // the partition's clock rounds down
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(millis>>shift))
	}
	return append(b, id[:]...)
}

// appendKeys appends the keys of targets, and behind them those of parks and of the schedule.
func (rs *Routes) appendKeys(keys []string) []string {
	for i := range rs.Targets {
		t := &rs.Targets[i]
		part := "q"
		if t.Front {
			part = "first"
		}
		keys = append(keys, rs.Keys.ofOrgan(part, t.Organ), rs.Keys.ofOrgan("part", t.Organ))
	}
	for i := range rs.List {
		switch route := &rs.List[i]; {
		case route.Later:
			keys = append(keys, rs.Keys.laterKey(), rs.Keys.laterIDsKey())
		case route.Park:
			keys = append(append(keys, rs.Keys.ofEvent("park", route.Event)), rs.Keys.uniquesOf()...)
		}
	}
	return keys
}

// appendArgs appends what readRoutes reads. An entry of a front stream has one message.
func (rs *Routes) appendArgs(args []any) []any {
	args = append(args, len(rs.Targets))
	for i := range rs.Targets {
		t := &rs.Targets[i]
		pack := t.Pack
		if t.Front {
			pack = 1
		}
		args = append(args, t.Organ, pack)
	}
	args = append(args, len(rs.List))
	for i := range rs.List {
		route := &rs.List[i]
		args = append(args, len(route.Targets))
		for _, target := range route.Targets {
			args = append(args, target+1)
		}
		if len(route.Targets) == 0 {
			args = append(args, route.parkName())
		}
	}
	return args
}

// parkName is how a route without targets tells of its park: the event, with a space in front while the
// park is being handed over, with a "!" where it is delayed and with two where it is an output besides; empty for messages
// that go nowhere.
func (r *Route) parkName() string {
	switch {
	case r.Later && r.Output:
		return "!!" + r.Event
	case r.Later:
		return "!" + r.Event
	case !r.Park:
		return ""
	case r.Behind:
		return " " + r.Event
	}
	return r.Event
}
