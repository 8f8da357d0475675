package check

import (
	"cmp"
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/spelling"
)

// checkEvents judges the events and the states of a package: targets, keys and methods.
func (c *checker) checkEvents(p *model.Package) {
	for _, e := range p.Coded() {
		if e.Struct == nil {
			continue // the loader has said why
		}
		c.eventKind(e)
		if !e.State {
			c.eventKey(e)
			c.undoName(e)
		}
		c.eventMethods(p, e)
	}
	for _, f := range p.Funcs {
		if f.Directive.Verb == directive.Check {
			c.checkMethod(p, f)
		}
	}
}

// eventKind judges a type whose declaration names another one: type A B.
func (c *checker) eventKind(e *model.Event) {
	switch k := e.Struct.Kind; {
	case k == model.Struct:
	case k == model.Foreign && len(e.Struct.Fields) > 0:
		c.eventMarshaler(e)
	case k == model.Invalid:
		c.addDiag(diag.New(diag.TypeError, e.Pos, e.GoName, e.Struct.Problem).WithHint("%s", typeErrorHint(e.Struct.Problem)))
	default:
		c.addDiag(diag.New(diag.WrongTarget, e.Directive.Pos, e.Directive.Verb, "a struct type", e.GoName+", which is none").
			WithHint("write type %s struct{ Value %s }", e.GoName, valueTypeText(e.Struct)))
	}
}

// valueTypeText writes the type that a value of t could have as a field.
func valueTypeText(t *model.Type) string {
	if t.Kind >= model.Bool && t.Kind <= model.String {
		return basicNames[t.Kind]
	}
	return "…"
}

// eventMarshaler judges a struct that encodes itself: by a method of its own, or by one that
// an embedded type brings along.
func (c *checker) eventMarshaler(e *model.Event) {
	for _, f := range e.Struct.Fields {
		if f.Embedded && encodesItself(f.Type) {
			c.addDiag(diag.New(diag.EmbedMarshaler, f.Pos, f.Type.Desc, e.GoName).
				WithHint("give the field a name: %s %s", f.Name, f.Type.Desc))
			return
		}
	}
	c.addDiag(diag.New(diag.Refused, e.Pos, e.GoName, nounWithArticle(e)+" with a marshaling method of its own").
		WithHint("remove the method: the codec is generated"))
}

func encodesItself(t *model.Type) bool {
	if t.Kind == model.Pointer {
		t = t.Elem
	}
	return t.Kind == model.Foreign || t.Kind == model.Time
}

func (c *checker) checkVersion(a *model.Arg) {
	if n, err := strconv.Atoi(a.Value); err != nil || n < 1 || n > 1<<31-1 {
		c.addDiag(diag.New(diag.BadVersion, a.ValuePos, a.Value).
			WithHint("versions are 1, 2, 3, …; 1 is the default"))
	}
}

// eventKey judges the field that key= names.
func (c *checker) eventKey(e *model.Event) {
	a := e.Directive.Arg("key")
	if a == nil || a.Value == "" || a.Quoted || hasJoinedWords(a) {
		return
	}
	if e.Key == nil {
		c.unknownKeyField(e, a)
		return
	}
	if !keyKind(e.Key.Type) || e.Key.Skip {
		c.addDiag(diag.New(diag.BadKeyField, a.ValuePos, e.Key.Name, withArticle(e.Key.Type)).
			WithHint("a key is a string, an integer, a [N]byte or a type with MarshalText, and is encoded").
			WithRelated(e.Key.Pos, "the field"))
	}
}

// unknownKeyField reports a key that is no field. One may have been given by its wire name, or
// be a field of a field, which key= does not reach.
func (c *checker) unknownKeyField(e *model.Event, a *model.Arg) {
	out := diag.New(diag.UnknownKeyField, a.ValuePos, e.GoName, a.Value)
	near := spelling.Nearest(a.Value, fieldNames(e.Struct))
	for _, f := range e.Struct.Fields {
		if f.Wire == a.Value {
			near = f.Name
		}
	}
	switch {
	case strings.Contains(a.Value, "."):
		out = out.WithHint("a key is a field of the event itself: copy the value into one")
	case near != "":
		out = out.WithHint("did you mean key=%s?", near)
	case len(e.Struct.Fields) == 0:
		out = out.WithHint("it has no fields at all")
	default:
		out = out.WithHint("its fields are %s", strings.Join(fieldNames(e.Struct), ", "))
	}
	c.addDiag(out.WithRelated(e.Pos, "the event"))
}

func fieldNames(t *model.Type) []string {
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	return names
}

// keyKind says whether values of a type can group events.
func keyKind(t *model.Type) bool {
	switch t.Kind {
	case model.String, model.Duration, model.Time:
		return true
	case model.Array:
		return t.Elem.Kind == model.Uint8
	case model.Foreign:
		return t.Marshalers.Text
	}
	return t.Kind >= model.Int && t.Kind <= model.Uint64
}

// eventMethods judges methods and fields of the user's that have a generated name.
func (c *checker) eventMethods(p *model.Package, e *model.Event) {
	for _, name := range e.Methods() {
		pos, taken := p.Methods[e.GoName][name]
		switch {
		case taken && name == "Validate":
			c.addDiag(diag.New(diag.UserValidate, pos, e.GoName).
				WithHint("give it another name and mark it with //necro:check: the generated Validate calls it").
				WithRelated(e.Pos, "the %s", noun(e)))
		case taken:
			c.addDiag(diag.New(diag.MethodTaken, pos, e.GoName, name).WithHint("rename it").
				WithRelated(e.Pos, "the %s", noun(e)))
		}
	}
	for _, f := range e.Struct.Fields {
		if slices.Contains(e.Methods(), f.Name) {
			c.addDiag(diag.New(diag.FieldTaken, f.Pos, f.Name, e.GoName).
				WithHint("rename the field; its wire name can stay: `msgpack:%q`", f.Wire).
				WithRelated(e.Pos, "the %s", noun(e)))
		}
	}
}

// checkMethod judges a cross-field rule.
func (c *checker) checkMethod(p *model.Package, f *model.Func) {
	if f.Recv == "" || f.Directive.Target.Kind != model.TargetMethod {
		return
	}
	if codedOf(p, f.Recv) == nil && !f.Held {
		c.notMarked(p, f)
		return
	}
	if len(f.Params) != 0 || len(f.Results) != 1 || f.Results[0].Role != model.RoleError {
		c.addDiag(diag.New(diag.BadCheck, f.Pos, f.Name, "e *"+f.Recv, f.Name).
			WithHint("it looks at nothing but its receiver, and returns nil when all is well"))
	}
}

// notMarked reports a cross-field rule on a type that is no event, and that no event holds: one of
// a package that was not loaded may hold it.
func (c *checker) notMarked(p *model.Package, f *model.Func) {
	if c.rejectedDirective(p, f.Recv) != nil || !p.Closed && !p.Test && ast.IsExported(f.Recv) && organOf(p, f.Recv) == nil {
		return
	}
	out := diag.New(diag.NotMarked, f.Pos, f.Recv).WithHint("mark %s with //necro:event, or let an event hold it", f.Recv)
	if organOf(p, f.Recv) != nil {
		out = out.WithHint("an organ has no rules: put it on a method of an event")
	}
	if pos, declared := p.Names[f.Recv]; declared {
		out = out.WithRelated(pos, "%s is declared here", f.Recv)
	}
	c.addDiag(out)
}

// noun is what an event or a state is called in messages.
func noun(e *model.Event) string {
	if e.State {
		return "state"
	}
	return "event"
}

func nounWithArticle(e *model.Event) string {
	if e.State {
		return "a state"
	}
	return "an event"
}

// codedOf returns the event or the state of a package that has the name in Go, or nil.
func codedOf(p *model.Package, name string) *model.Event {
	if e := eventOf(p, name); e != nil {
		return e
	}
	return stateOf(p, name)
}

func eventOf(p *model.Package, name string) *model.Event {
	i := slices.IndexFunc(p.Events, func(e *model.Event) bool { return e.GoName == name })
	if i < 0 {
		return nil
	}
	return p.Events[i]
}

// uniqueEvents judges names and versions over everything that was loaded together.
func (c *checker) uniqueEvents() {
	first := map[string]*model.Event{}
	for _, e := range c.allEvents() {
		id := fmt.Sprintf("%s %d", e.Name, e.Version)
		if other := first[id]; other != nil && other != e {
			c.addDiag(diag.New(diag.DuplicateEvent, e.NamePos, noun(e), e.Name, e.Version).
				WithHint("give one of them another name, //necro:event %s, or another version", distinctName(e)).
				WithRelated(other.NamePos, "first declared here, by %s", other.GoName))
			continue
		}
		first[id] = e
	}
	var all []aliased
	for _, e := range c.allEvents() {
		if e.Directive != nil {
			all = append(all, aliased{"event", e.Name, e.NamePos, e.Directive})
		}
	}
	c.checkAliases(all)
}

// distinctName suggests a name with the package in it.
func distinctName(e *model.Event) string {
	return directive.DefaultEventName(e.PkgName) + "_" + directive.DefaultEventName(e.GoName)
}

// allEvents returns the events of all packages in source order, those of roots last: where two
// clash, it is a root that hears of it.
func (c *checker) allEvents() []*model.Event {
	var events []*model.Event
	for _, root := range []bool{false, true} {
		for _, p := range c.topology.Packages {
			if p.Root == root {
				events = append(events, p.Events...)
			}
		}
	}
	return events
}

// newestVersion returns the event with the highest version of a name.
func (c *checker) newestVersion(name string) *model.Event {
	var newest *model.Event
	for _, e := range c.allEvents() {
		if e.Name == name && (newest == nil || e.Version > newest.Version) {
			newest = e
		}
	}
	return newest
}

// versionsOf returns all versions of an event, or those of a state in its package, oldest first.
func (c *checker) versionsOf(of *model.Event) []*model.Event {
	all := c.allEvents()
	if of.State {
		all = c.statesOf(of.Path)
	}
	events := slices.DeleteFunc(all, func(e *model.Event) bool { return e.Name != of.Name })
	slices.SortStableFunc(events, func(a, b *model.Event) int { return cmp.Compare(a.Version, b.Version) })
	return events
}

var basicNames = map[model.Kind]string{
	model.Bool: "bool", model.Int: "int", model.Int8: "int8", model.Int16: "int16", model.Int32: "int32", model.Int64: "int64",
	model.Uint: "uint", model.Uint8: "uint8", model.Uint16: "uint16", model.Uint32: "uint32", model.Uint64: "uint64",
	model.Float32: "float32", model.Float64: "float64", model.String: "string",
}
