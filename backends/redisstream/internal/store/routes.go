package store

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

// Route is where messages of one event go: to targets, or to a park, or nowhere.
type Route struct {
	Event   string
	Targets []int
	Park    bool // without targets: the messages wait for the first organ that binds the event
	Behind  bool // the park is being handed over: it takes newer events, too, and lets nothing go
	Pack    int  // most messages of an entry: of the target with the smallest ones
}

// appendKeys appends the keys of targets, and behind them those of parks.
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
		if rs.List[i].Park {
			keys = append(keys, rs.Keys.ofEvent("park", rs.List[i].Event))
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
// park is being handed over; empty for messages that go nowhere.
func (r *Route) parkName() string {
	switch {
	case !r.Park:
		return ""
	case r.Behind:
		return " " + r.Event
	}
	return r.Event
}
