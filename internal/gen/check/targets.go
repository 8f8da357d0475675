package check

import (
	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
)

// targetHint says what to do about a directive that stands on the wrong thing.
func targetHint(d *model.Directive) string {
	if hint := verbForTarget(d.Verb, d.Target.Kind); hint != "" {
		return hint
	}
	if hint := placeHints[d.Target.Desc]; hint != "" {
		return hint
	}
	return "put it right above " + belongs[d.Verb]
}

// placeHints are for places that suit no directive.
var placeHints = map[string]string{
	"a group of types":                "put it inside the parentheses, right above one of the types",
	"the end of a line":               "put it on a line of its own, right above a declaration",
	"something inside a function":     "move the declaration to package level",
	"a field or method inside a type": "put it right above the type; what concerns a field stands in its tag",
	"something inside a declaration":  "put it right above the declaration",
	"a type alias":                    "put it on the type that the alias is for",
	"a map type":                      aroundIt,
	"a slice or array type":           aroundIt,
	"a func type":                     aroundIt,
	"a channel type":                  aroundIt,
	"a pointer type":                  aroundIt,
	"an interface type":               "declare a struct; a handler may take every event that implements an interface",
	"the package clause":              "put it right above a declaration",
	"nothing":                         "nothing follows it in the file: put it right above a declaration",
	"an import":                       "put it right above a declaration",
}

const aroundIt = "declare a struct with a field of this type"

// verbForTarget guesses from what the directive stands on which one was meant, or what the
// declaration should have been.
func verbForTarget(verb string, kind model.TargetKind) string {
	named := verb == directive.Event || verb == directive.State || verb == directive.Organ
	switch {
	case kind == model.TargetStruct && (verb == directive.Handle || verb == directive.GiveUp):
		return "did you mean //necro:organ?"
	case kind == model.TargetMethod && named:
		return "did you mean //necro:handle?"
	case kind == model.TargetFunc && named:
		return "put it right above a struct type"
	case kind == model.TargetFunc && (verb == directive.Handle || verb == directive.GiveUp):
		return "make it a method of an organ"
	case kind == model.TargetFunc && verb == directive.Check:
		return "make it a method of the event: func (e *Event) name() error"
	case kind == model.TargetMethod && verb == directive.Upcast:
		return "make it a function: func(Old) (New, error)"
	}
	return ""
}
