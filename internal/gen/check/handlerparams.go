package check

import (
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// handlerParam judges a parameter after the event.
func (c *checker) handlerParam(pkg *model.Package, f *model.Func, p *model.Param) {
	switch {
	case p.Role == model.RoleEmit && p.Out && p.Pointer && p.Event != nil:
		c.addDiag(diag.New(diag.OutForm, p.Pos, p.Desc).WithHint("write necro.Emit[necro.Out[%s]]", p.Event.GoName))
	case p.Role == model.RoleEmit && p.Pointer && p.Event != nil:
		c.addDiag(diag.New(diag.EmitPointer, p.Pos, p.Desc).WithHint("write necro.Emit[%s]", p.Event.GoName))
	case p.Role == model.RoleEmit && p.Event == nil:
		c.notAnEvent(pkg, diag.New(diag.EmitNotEvent, p.Pos, f.Name, p.Desc).
			WithHint("%s", eventsAre(p)), p)
	case p.Role == model.RoleEmit:
		c.onlyNewest(p)
	case p.Role == model.RoleOut:
		c.addDiag(diag.New(diag.OutForm, p.Pos, p.Desc).WithHint("return it, or take a necro.Emit[%s]", outText(p)))
	case p.Role == model.RoleTimer:
		c.addDiag(diag.New(diag.TimerForm, p.Pos, p.Desc).WithHint("return it: (%s, error)", timerText(p)))
	case p.Role == model.RoleUndo:
		c.addDiag(diag.New(diag.UndoForm, p.Pos, p.Desc).WithHint("return it: (%s, error)", undoText(p)))
	case p.Role == model.RoleInvalid:
		c.addInvalidType(pkg, f, p)
	default:
		c.addDiag(diag.New(diag.HandlerParam, p.Pos, f.Name, p.Desc).WithHint("%s", paramHint(p)))
	}
}

// eventsAre says why something is none.
func eventsAre(p *model.Param) string {
	if p.State != nil {
		return notEmitted
	}
	return "events are structs marked with //necro:event"
}

// outText writes the necro.Out that a type was meant for.
func outText(p *model.Param) string {
	name := "X"
	if p.Event != nil {
		name = p.Event.GoName
	}
	return "necro.Out[" + name + "]"
}

// outResult judges a result that is a necro.Out, or a slice of them.
func (c *checker) outResult(pkg *model.Package, f *model.Func, r *model.Param) {
	text := outText(r)
	if r.Slice {
		text = "[]" + text
	}
	switch {
	case r.Event == nil:
		c.notAnEvent(pkg, diag.New(diag.EmitNotEvent, r.Pos, f.Name, r.Desc).
			WithHint("%s", eventsAre(r)), r)
	case r.Pointer:
		c.addDiag(diag.New(diag.OutForm, r.Pos, r.Desc).WithHint("write %s: with a nil Event it is nothing", text))
	default:
		c.onlyNewest(r)
	}
}

// paramHint says where else a parameter belongs.
func paramHint(p *model.Param) string {
	emitted, isFunc := strings.CutPrefix(p.Desc, "func(")
	switch {
	case p.Role == model.RoleEvent || p.Role == model.RoleBatch:
		return "a handler takes one event: handle " + referenceOf(p.Desc).String() + " in a method of its own"
	case p.Role == model.RoleContext:
		return "the context comes first, and once"
	case p.Role == model.RoleDeath:
		return "why a delivery is given up is told to a method with //necro:giveup, once, right behind the event"
	case p.Role == model.RoleState:
		return "the state stands between the context and the event"
	case isFunc && strings.HasSuffix(emitted, ")"):
		return "an emission is a necro.Emit[" + strings.TrimSuffix(emitted, ")") + "]"
	}
	return "after the event come emissions only; what else a handler needs is a field of its organ"
}

// handlerResults judges what the handler returns.
func (c *checker) handlerResults(p *model.Package, f *model.Func) {
	for i, r := range f.Results {
		switch r.Role {
		case model.RoleEvent:
			c.onlyNewest(r)
		case model.RoleError:
			if i != len(f.Results)-1 {
				c.addDiag(diag.New(diag.ErrorNotLast, r.Pos, f.Name).WithHint("write %s", errorLast(f.Results)))
			}
		case model.RoleOut:
			c.outResult(p, f, r)
		case model.RoleTimer:
			c.timerResult(p, f, i)
		case model.RoleUndo:
			c.undoResult(p, f, r)
		case model.RoleCompensate:
			c.compensateResult(f, i)
		case model.RoleEnd: // judged with the state
		case model.RoleInvalid:
			c.addInvalidType(p, f, r)
		default:
			c.notAnEvent(p, diag.New(diag.HandlerResult, r.Pos, f.Name, r.Desc).WithHint("%s", resultHint(r)), r)
		}
	}
}

func resultHint(r *model.Param) string {
	switch r.Role {
	case model.RoleOther:
		if word := referenceOf(r.Desc); word.name == "End" && word.pkg == "necro" {
			return "write necro.End, by value"
		} else if word.name == "Compensate" && word.pkg == "necro" {
			return "write necro.Compensate, by value"
		}
	case model.RoleEmit:
		return "take it as a parameter after the event"
	case model.RoleInterface:
		return "name each event that it may return: (*A, *B, error)"
	case model.RoleState:
		return "a handler changes the state that it takes as a pointer, and returns events"
	}
	return "a handler returns events, as E, *E, []E or []*E, or as necro.Out[E] with a delay, and an error"
}

// errorLast writes the types of the results with one error, at their end.
func errorLast(results []*model.Param) string {
	before := slices.DeleteFunc(slices.Clone(results), func(r *model.Param) bool { return r.Role == model.RoleError })
	if len(before) == 0 {
		return "error"
	}
	return "(" + typeTexts(before) + ", error)"
}
