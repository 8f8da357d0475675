package analyzers

import (
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// change is a write to a field of an organ, or to a map or slice in it. A value behind a pointer is not the
// organ's own: it may have a lock, or be another's.
type change struct {
	in    ssa.Instruction
	field string
	path  string
	state state
}

// state says whether a change makes an event depend on those before it. A cache, which is filled from elsewhere,
// does not.
type state int

const (
	none    state = iota
	ifRead        // it takes the place of the old value, and is made of the event
	certain       // it is made of the old value, or a map grows by it
)

// changedFields returns the fields of its organ that a handler changes, itself and by functions of the package, and
// those that it reads.
func (h *handler) changedFields() *changer {
	c := &changer{handler: h, event: memoryOf(h.event), seen: map[ssa.Value]bool{}}
	c.followFunction(h.recv, "")
	return c
}

type changer struct {
	handler *handler
	event   *memory
	seen    map[ssa.Value]bool
	list    []change
	reads   []string
	locked  bool // it takes a lock, or waits for others in some other way
}

// followFunction looks at a function that is given the organ, or the part of it with that path.
func (c *changer) followFunction(p *ssa.Parameter, path string) {
	if c.seen[p] {
		return
	}
	c.seen[p] = true
	s := &slots{param: p, prefix: path}
	visitInstructions(p.Parent(), func(in ssa.Instruction) {
		switch in := in.(type) {
		case *ssa.Store:
			if at, ok := s.addressSlot(in.Addr); ok && at != "" {
				c.addChange(s, in, at, in.Val)
			}
		case *ssa.MapUpdate:
			if at, ok := s.contentSlot(in.Map); ok {
				c.addChange(s, in, at, in.Value)
			}
		case *ssa.Send, *ssa.Select:
			c.locked = true
		case *ssa.UnOp:
			c.locked = c.locked || in.Op == token.ARROW
			if at, ok := s.addressSlot(in.X); ok && at != "" {
				c.reads = append(c.reads, at)
			}
		case ssa.CallInstruction:
			c.followCall(s, in)
		}
	})
}

// followCall follows a call that is given a part of the organ.
func (c *changer) followCall(s *slots, in ssa.CallInstruction) {
	call := in.Common()
	c.locked = c.locked || isLock(call)
	if name := builtinName(call); name == "delete" || name == "clear" || name == "copy" {
		if at, ok := s.contentSlot(call.Args[0]); ok {
			c.addChange(s, in, at, nil)
		}
		return
	}
	fn := calleeInPackage(call, c.handler.fn.Pkg)
	if fn == nil || len(fn.Params) != len(call.Args) {
		return
	}
	for i, a := range call.Args {
		if at, ok := s.addressSlot(a); ok {
			c.followFunction(fn.Params[i], at)
		}
	}
}

// isLock says whether a call keeps others out, by its name.
func isLock(call *ssa.CallCommon) bool {
	name := calleeName(call)
	if call.Method != nil {
		name = call.Method.Name()
	}
	name = name[strings.LastIndexByte(name, '.')+1:]
	return strings.Contains(strings.ToLower(name), "lock") || calleeName(call) == "(*sync.Once).Do"
}

func (c *changer) addChange(s *slots, in ssa.Instruction, at string, value ssa.Value) {
	x := change{in: in, field: s.fieldName(c.handler.recv, at), path: at}
	_, grows := in.(*ssa.MapUpdate)
	o := &origin{slots: s, at: at, event: c.event}
	switch {
	case value == nil:
	case grows && isMark(value), o.madeOfOld(value), grows && o.fromEvent(value):
		x.state = certain
	case o.fromEvent(value):
		x.state = ifRead
	}
	c.list = append(c.list, x)
}

// isMark says whether a value is the mark of a member of a set.
func isMark(value ssa.Value) bool {
	c, ok := value.(*ssa.Const)
	if !ok {
		return false
	}
	switch u := c.Type().Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.Bool && constant.BoolVal(c.Value)
	case *types.Struct:
		return u.NumFields() == 0
	}
	return false
}
