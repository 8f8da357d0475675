package check

import (
	"slices"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/graph"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/spelling"
)

// undoText writes the necro.Undo that a type was meant for.
func undoText(p *model.Param) string {
	if p.Event == nil {
		return "necro.Undo[X]"
	}
	return "necro.Undo[" + p.Event.GoName + "]"
}

const undoNeedsState = "take the state of the organ between the context and the event: the record of its key keeps undos"

// undoResult judges a result that is a necro.Undo or is made of one.
func (c *checker) undoResult(pkg *model.Package, f *model.Func, r *model.Param) {
	switch {
	case r.Event == nil:
		c.notAnEvent(pkg, diag.New(diag.EmitNotEvent, r.Pos, f.Name, r.Desc).WithHint("%s", eventsAre(r)), r)
	case r.Pointer:
		c.addDiag(diag.New(diag.UndoForm, r.Pos, r.Desc).WithHint("write %s: with a nil Event it is nothing", undoText(r)))
	case f.EventAt() == 1:
		c.addDiag(diag.New(diag.UndoNoState, r.Pos, f.Name, "an undo").WithHint("%s", undoNeedsState))
	default:
		c.onlyNewest(r)
	}
}

// compensateResult judges the result at an index, which is a necro.Compensate.
func (c *checker) compensateResult(f *model.Func, at int) {
	r := f.Results[at]
	first := slices.IndexFunc(f.Results, func(other *model.Param) bool { return other.Role == model.RoleCompensate })
	switch {
	case first < at:
		c.addDiag(diag.New(diag.UndoForm, r.Pos, r.Desc).WithHint("keep one of the two").WithRelated(f.Results[first].Pos, "the first one"))
	case f.EventAt() == 1:
		c.addDiag(diag.New(diag.UndoNoState, r.Pos, f.Name, "a necro.Compensate").WithHint("%s", undoNeedsState))
	}
}

// undoName judges the name that undo= has.
func (c *checker) undoName(e *model.Event) {
	a := e.Directive.Arg("undo")
	if a == nil || a.Value == "" || a.Quoted || hasJoinedWords(a) {
		return
	}
	switch {
	case !directive.ValidName(a.Value):
		c.addDiag(diag.New(diag.BadName, a.ValuePos, a.Value).WithHint("write the name of the event that takes %s back", e.Name))
	case a.Value == e.Name:
		c.addDiag(diag.New(diag.UndoUnknown, a.ValuePos, a.Value, "an event does not take itself back").
			WithHint("declare an event for that, and name it"))
	}
}

// checkUndos judges what the topology makes of undos: each command is kept with its undo, and each undo finds its command's organ.
func (c *checker) checkUndos(g *graph.Graph, packages map[string]*model.Package) {
	byName := map[string]*graph.Event{}
	for _, e := range g.Events {
		byName[e.Name] = e
	}
	isRoot := func(path string) bool { return packages[path] != nil && packages[path].Root }
	for _, e := range g.Events {
		switch undo := byName[e.Undo]; {
		case e.Undo == "" || undo == e || !isRoot(e.Path):
		case undo == nil:
			c.unknownUndo(g, e)
		default:
			c.sharesKey(e, undo)
		}
	}
	for _, o := range g.Organs {
		if !isRoot(o.Path) {
			continue
		}
		for _, h := range o.Handlers {
			c.keepsUndos(h, byName)
			if undo := byName[h.Event.Undo]; h.Event.Undo != "" && undo != nil && undo != h.Event && h.HandlesOnPurpose() {
				c.undoFollows(h, undo)
			}
		}
		c.halfCompensation(o)
	}
}

// unknownUndo reports an undo that is no event of the loaded packages.
func (c *checker) unknownUndo(g *graph.Graph, e *graph.Event) {
	var names []string
	for _, other := range g.Events {
		names = append(names, other.Name)
	}
	a := e.Directive.Arg("undo")
	d := diag.New(diag.UndoUnknown, a.ValuePos, a.Value, "no event has that name")
	if near := spelling.Nearest(a.Value, names); near != "" {
		c.addDiag(d.WithHint("did you mean undo=%s?", near))
		return
	}
	c.addDiag(d.WithHint("declare it: //necro:event %s", a.Value))
}

// sharesKey wants a command and its undo to have one key.
func (c *checker) sharesKey(e, undo *graph.Event) {
	var why, hint string
	switch {
	case undo.Undo != "":
		why, hint = "the undo has an undo itself", "leave undo= out at "+undo.GoName+": what takes back is not taken back"
	case !e.Keyed || !undo.Keyed:
		why, hint = "not both have a key", "say by which field they belong together, at both: //necro:event key=Field"
	case e.Key != nil && undo.Key != nil && keyType(e.Event) != keyType(undo.Event):
		why, hint = "their keys are of type "+keyType(e.Event)+" and "+keyType(undo.Event), "let both have the same key"
	default:
		return
	}
	c.addDiag(diag.New(diag.UndoApart, e.Directive.Arg("undo").ValuePos, e.Name, undo.Name, why).
		WithHint("%s", hint).WithRelated(undo.Pos, "the undo"))
}

// undoFollows wants the organ that handles a command to handle its undo, behind it.
func (c *checker) undoFollows(h *graph.Handler, undo *graph.Event) {
	o := h.Organ
	switch {
	case !slices.ContainsFunc(undo.Handlers, func(other *graph.Handler) bool { return other.Organ == o && other.HandlesOnPurpose() }):
		c.addDiag(diag.New(diag.UndoApart, h.Pos, h.Event.Name, undo.Name, "organ "+o.Name+" handles the command and not the undo").
			WithHint("handle %s in %s, too, and take \"nothing was done\" as a success", undo.GoName, o.GoName).
			WithRelated(undo.Pos, "the undo"))
	case o.State() != nil:
		// One process at a time works on a key, in its order.
	case o.Policy.Word("order") == "":
		c.addDiag(diag.New(diag.UndoApart, h.Pos, h.Event.Name, undo.Name, "organ "+o.Name+" handles both, and keeps no order").
			WithHint("write //necro:organ … order=key lanes=16 at %s, or order=key exclusive: else the undo may overtake the command, also one that is tried again", o.GoName).
			WithRelated(o.Pos, "the organ"))
	case !o.Policy.Values["exclusive"].On && o.Policy.Values["lanes"].Count < 2:
		c.addDiag(diag.New(diag.UndoApart, h.Pos, h.Event.Name, undo.Name, "organ "+o.Name+" handles both, and each process orders only what it has fetched").
			WithHint("add %s at %s: else a second process may run the undo in front of the command", orderOverProcesses(o), o.GoName).
			WithRelated(o.Pos, "the organ"))
	}
}

// orderOverProcesses names what makes an organ keep its order over several processes. Strict order is one lane.
func orderOverProcesses(o *graph.Organ) string {
	if o.Policy.Word("order") == "strict" {
		return "exclusive"
	}
	return "lanes=16 or exclusive"
}

// keepsUndos reports commands that a handler emits without their undos, and undos without their commands.
func (c *checker) keepsUndos(h *graph.Handler, byName map[string]*graph.Event) {
	var wanted []string
	for _, x := range h.Emits {
		if x.Event.Undo == "" || x.Timer || x.Undo {
			continue
		}
		undo := byName[x.Event.Undo]
		if undo == nil {
			return // told at its command
		}
		wanted = append(wanted, undo.Name)
		if slices.Contains(h.Keeps, undo) {
			continue
		}
		d := diag.New(diag.UndoMissing, emissionPos(h, x.Event), h.Method, x.Event.Name, undo.Name)
		form := "necro.Undo[" + undo.GoName + "]"
		if x.Many {
			form = "[]" + form
		}
		if h.State == nil {
			d = d.WithHint("take the state of an organ in front of the event, and return a %s beside it", form)
		} else {
			d = d.WithHint("return a %s beside it, and necro.Compensate where the saga turns back", form)
		}
		c.addDiag(d.WithRelated(x.Event.Pos, "its undo is named here"))
	}
	for _, undo := range h.Keeps {
		if !slices.Contains(wanted, undo.Name) {
			c.addDiag(diag.New(diag.UndoOfNothing, undoPos(h.Handler, undo.Event), h.Method, undo.Name).
				WithHint("emit the command, and name the undo at its event: //necro:event undo=%s", undo.Name))
		}
	}
}

// undoPos is where a handler's source says that it keeps an undo.
func undoPos(h *model.Handler, e *model.Event) model.Pos {
	for _, r := range h.Func.Results {
		if r.Role == model.RoleUndo && r.Event == e {
			return r.Pos
		}
	}
	return h.Pos
}

// halfCompensation reports an organ that keeps undos and never emits them, or the other way round.
func (c *checker) halfCompensation(o *graph.Organ) {
	var keeps, turns *graph.Handler
	for _, h := range o.Handlers {
		if len(h.Keeps) > 0 && keeps == nil {
			keeps = h
		}
		if h.Compensates && turns == nil {
			turns = h
		}
	}
	switch {
	case keeps != nil && turns == nil:
		c.addDiag(diag.New(diag.HalfCompensation, undoPos(keeps.Handler, keeps.Keeps[0].Event), o.Name, "keeps undos, and no handler of it returns necro.Compensate").
			WithHint("return it where the saga turns back: (…, necro.Compensate, error)"))
	case keeps == nil && turns != nil:
		i := slices.IndexFunc(turns.Func.Results, func(r *model.Param) bool { return r.Role == model.RoleCompensate })
		c.addDiag(diag.New(diag.HalfCompensation, turns.Func.Results[i].Pos, o.Name, "compensates, and no handler of it keeps an undo").
			WithHint("return a necro.Undo[X] beside each command, or leave the result out"))
	}
}
