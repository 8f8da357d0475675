package necroctl

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/necrostack/necrogen/internal/spelling"
	"github.com/necrostack/necrogen/runtime/contract"
)

func deadEditFlags(o *options, flags *flag.FlagSet) {
	confirmFlags(o, flags)
	flags.BoolVar(&o.filter.again, "again", false, "also a letter whose give-up handler ran")
	flags.BoolVar(&o.reshape, "reshape", false, "also with other fields than the letter has, or with values of other kinds")
}

// deadEdit stores a dead letter again with another payload, under a new id, for its organ alone.
func (r *run) deadEdit(words []string) int {
	if err := r.readIDs(words[:1]); err != nil {
		return r.tellMisuse(err)
	}
	payload, err := r.readPayload(words)
	if err != nil {
		return r.tellFailure(err)
	}
	letter, err := r.letterToEdit()
	if err != nil {
		return r.tellFailure(err)
	}
	former := eventOf(&letter.Message).Data
	edited, err := ToJSON(payload)
	if err != nil {
		return r.tellFailure(err)
	}
	if changes := shapeChanges(former, edited); len(changes) > 0 && !r.reshape {
		return r.tellFailure(fmt.Errorf("the event has another shape than the letter: %s; -reshape stores it nevertheless", strings.Join(changes, "; ")))
	}
	b, err := backendAs[contract.LetterEditor](r)
	if err != nil {
		return r.tellFailure(err)
	}
	fmt.Fprintf(r.out, "was  %s\nis   %s\n", former, edited)
	if !r.confirmAction(fmt.Sprintf("store it for %s in the place of the dead letter", letter.Organ)) {
		return r.exitUnconfirmed()
	}
	m := letter.Message
	m.ID, m.Event, m.Payload = contract.NewID(), nil, payload
	moved, err := b.RedriveEdited(r.ctx, letter.Organ, letter.ID, &m)
	if err == nil && !moved {
		err = errors.New("the dead letter is gone: somebody has redriven or discarded it meanwhile")
	}
	if err != nil {
		return r.tellFailure(err)
	}
	fmt.Fprintln(r.out, m.ID)
	return ExitDone
}

// letterToEdit returns the one letter that the filter names.
func (r *run) letterToEdit() (contract.DeadLetter, error) {
	var found []contract.DeadLetter
	err := r.visitLetters(func(l contract.DeadLetter) bool { found = append(found, l); return true })
	switch {
	case err != nil:
		return contract.DeadLetter{}, err
	case len(found) == 0:
		return contract.DeadLetter{}, fmt.Errorf("there is no dead letter %s", r.filter.ids[0])
	}
	l := found[0]
	switch {
	case strings.Contains(l.Message.Type.Name, "@"):
		return l, errors.New("the letter is a timer of its organ, which knows it by its id: redrive it as it is")
	case l.GaveUp && !r.filter.again:
		return l, errors.New("its give-up handler has told others that the event failed, and they may have turned back: -again stores it nevertheless")
	}
	return l, nil
}

// shapeChanges tells in which fields an event has another shape than a former one: fields that only one of them has, and values
// of different kinds. A null goes with every kind. What is no JSON has no shape.
func shapeChanges(former, edited []byte) (changes []string) {
	decode := func(text []byte) (v any) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if d.Decode(&v) != nil {
			return nil
		}
		return v
	}
	compareShapes("", decode(former), decode(edited), func(path, change string) { changes = append(changes, path+": "+change) })
	return changes
}

// compareShapes compares two values at one path. Elements of a list are compared with the first one of the former list.
func compareShapes(path string, former, edited any, tell func(path, change string)) {
	a, b := jsonKind(former), jsonKind(edited)
	switch {
	case a == "" || b == "":
		return
	case a != b:
		tell(path, fmt.Sprintf("%s, and %s in the letter", b, a))
		return
	}
	switch edited := edited.(type) {
	case map[string]any:
		compareFields(path, former.(map[string]any), edited, tell)
	case []any:
		if former := former.([]any); len(former) > 0 {
			for i, v := range edited {
				compareShapes(fmt.Sprintf("%s[%d]", path, i), former[0], v, tell)
			}
		}
	}
}

func compareFields(path string, former, edited map[string]any, tell func(path, change string)) {
	at := func(name string) string { return strings.TrimPrefix(path+"."+name, ".") }
	known := slices.Sorted(maps.Keys(former))
	for _, name := range slices.Sorted(maps.Keys(edited)) {
		if _, ok := former[name]; ok {
			compareShapes(at(name), former[name], edited[name], tell)
			continue
		}
		change := "the letter has no such field"
		if near := spelling.Nearest(name, known); near != "" {
			change += "; did you mean " + near + "?"
		}
		tell(at(name), change)
	}
	for _, name := range known {
		if _, ok := edited[name]; !ok {
			tell(at(name), "missing")
		}
	}
}

// jsonKind names the kind of a value of JSON; empty for null.
func jsonKind(v any) string {
	switch v.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "a text"
	case json.Number:
		return "a number"
	case bool:
		return "a truth value"
	}
	return ""
}
