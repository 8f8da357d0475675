package lock

import (
	"reflect"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/gen/rule"
)

// file reads events and structs written as "ORDER key=id: id string required; legs []Leg",
// whose structs have no colon in front: "Leg = qty int; sku string". The word state makes a state of it. A field is name, type and
// rules; "a<b" is a field named a with the alias b.
func file(lines ...string) *File {
	f := &File{Format: format}
	for _, line := range lines {
		if name, fields, isStruct := strings.Cut(line, " = "); isStruct {
			f.Structs = append(f.Structs, Struct{Name: name, Fields: fieldsOf(fields)})
			continue
		}
		head, fields, _ := strings.Cut(line, ": ")
		words := strings.Fields(head)
		e := Event{Name: words[0], Version: 1, Type: words[0], Fields: fieldsOf(fields)}
		for _, w := range words[1:] {
			switch key, value, _ := strings.Cut(w, "="); key {
			case "key":
				e.Key = value
			case "alias":
				e.Aliases = []string{value}
			case "type":
				e.Type = value
			case "array":
				e.Array = true
			case "state":
				e.state = true
			case "version":
				e.Version = int(value[0] - '0')
			}
		}
		if e.state {
			f.States = append(f.States, e)
		} else {
			f.Events = append(f.Events, e)
		}
	}
	return f
}

func fieldsOf(text string) []Field {
	fields := []Field{}
	for part := range strings.SplitSeq(text, "; ") {
		words := strings.Fields(part)
		f := Field{Name: words[0], Type: words[1]}
		if name, alias, ok := strings.Cut(f.Name, "<"); ok {
			f.Name, f.Aliases = name, []string{alias}
		}
		if len(words) > 2 {
			f.Rules = words[2]
		}
		fields = append(fields, f)
	}
	return fields
}

func TestCompare(t *testing.T) {
	for _, test := range []struct{ old, now, want string }{
		{"A: x int", "A: x int", ""},
		{"A: x int", "A: x int; y string max=3", ""},
		{"A state: x int", "A state: x int; y string max=3", ""},
		{"A state: x int; y int", "A state: x int", "A: field y was removed"},
		{"A state: x int", "A: x int", "state A was removed"},
		{"A: x int", "A state: x int", "event A was removed"},
		{"A state: x int", "B state alias=A: x int", ""},
		{"A state: x int", "A state version=2: x int", "state A was removed"},
		{"A state: x int", "A state type=Other: z int", "A was the name of another state, A"},
		{"A: x int", "B: x int", "event A was removed"},
		{"A: x int", "B alias=A: x int", ""},
		{"A: x int; y int", "A: x int", "A: field y was removed"},
		{"A: x int", "A: z<x int", ""},
		{"A: x int", "A: z int", "A: field x was removed"},
		{"A: x int", "A type=Other: z int", "A was the name of another event, A"},
		{"A: x int", "A type=Other: x int", ""},
		{"A key=x: x int", "A: x int", "A: the key was x and is none"},
		{"A: x int32", "A: x int64", ""},
		{"A: x int64", "A: x int32", "A: field x was int64 and is int32"},
		{"A: x uint32", "A: x int64", ""},
		{"A: x uint64", "A: x int64", "A: field x was uint64 and is int64"},
		{"A: x int8", "A: x uint64", "A: field x was int8 and is uint64"},
		{"A: x int64", "A: x duration", ""},
		{"A: x float32", "A: x float64", ""},
		{"A: x float64", "A: x int", "A: field x was float64 and is int"},
		{"A: x string", "A: x bytes", ""},
		{"A: x string", "A: x *string", ""},
		{"A: x []string", "A: x string", "A: field x was []string and is string"},
		{"A: x []int8", "A: x []int", ""},
		{"A: x [3]int8", "A: x [4]int8", "A: field x was [3]int8 and is [4]int8"},
		{"A: x map[string]int", "A: x map[string]string", "A: field x[string] was int and is string"},
		{"A: x map[[2]int8][]int", "A: x map[[2]int8][]string", "A: field x[[2]int8][] was int and is string"},
		{"A: x app.UUID", "A: x string", "A: field x was app.UUID and is string"},
		{"A: x []L\nL = q int", "A: x []M\nM = q int; r int", ""},
		{"A: x []L\nL = q int", "A: x []L\nL = q string", "A: field x[].q was int and is string"},
		{"A: x []L\nL = q int", "A: x []L\nL = r int", "A: field x[].q was removed"},
		{"A: x *L\nL = next *L; q int", "A: x *L\nL = next *L", "A: field x.q was removed"},
		{"A: x L\nL = q int", "A: x int", "A: field x was L and is int"},
		{"A array: x int; y int", "A array: x int; y int; z int", ""},
		{"A array: x int; y int", "A array: y int; x int", "A: the form or order of its array changed"},
		{"A array: x int; y int", "A: x int; y int", "A: the form or order of its array changed"},
		{"A: x int", "A: x int; y string required", "A: field y is new, and required refuses its zero value"},
		{"A: x int", "A: x int; y string omitempty,email", ""},
		{"A: x int", "A: x int; y string email", "A: field y is new, and email refuses its zero value"},
		{"A: x int", "A: x int; y int min=0", ""},
		{"A: x int", "A: x int; y []int dive,min=1", ""},
		{"A: x int", "A: x int min=1", "A: field x: rule min=1 is new"},
		{"A: x int min=1", "A: x int", ""},
		{"A: x int min=1", "A: x int min=2", "A: field x: rule min=2 was min=1"},
		{"A: x int min=2", "A: x int min=1", ""},
		{"A: x int max=1m", "A: x int max=1h", ""},
		{"A: x int max=2", "A: x int max=1", "A: field x: rule max=1 was max=2"},
		{"A: x []int dive,max=2", "A: x []int dive,max=1", "A: field x[]: rule max=1 was max=2"},
		{"A: x []int max=1", "A: x []int dive,max=1", "A: field x[]: rule max=1 is new"},
		{"A: x string omitempty,email", "A: x string email", "A: field x: omitempty is gone"},
		{"A: x string omitempty,max=3", "A: x string max=3", ""},
		{"A: x string email|uuid", "A: x string email", "A: field x: rule email is new"},

		// What a field that is new holds by value has rules, too.
		{"A: x int", "A: x int; c C\nC = email string required", "A: field c is new, and required on email refuses its zero value"},
		{"A: x int", "A: x int; c C\nC = d D\nD = n int gt=0", "A: field c is new, and gt=0 on d.n refuses its zero value"},
		{"A: x int", "A: x int; c [2]C dive\nC = email string required", "A: field c is new, and required on [].email refuses its zero value"},
		{"A: x int", "A: x int; c [2]C\nC = email string required", ""},
		{"A: x int", "A: x int; c [0]C dive\nC = email string required", ""},
		{"A: x int", "A: x int; c *C\nC = email string required", ""},
		{"A: x int", "A: x int; c []C dive\nC = email string required", ""},
		{"A: x int", "A: x int; c C omitempty\nC = email string required", ""},
		{"A: x int", "A: x int; c C -\nC = email string required", ""},
		{"A: x int", "A: x int; c C structonly\nC = email string required", ""},
		{"A: x int", "A: x int; c *C required", "A: field c is new, and required refuses its zero value"},
		{"A: x int", "A: x int; c *int max=3", "A: field c is new, and max=3 refuses its zero value"},
		{"A: x int", "A: x int; y string required_with=x", "A: field y is new, and required_with=x may refuse its zero value"},
		{"A: x int", "A: x int; y int eqfield=x", "A: field y is new, and eqfield=x may refuse its zero value"},
		{"A: x int", "A: x int; y string excluded_with=x", ""},
		{"A: x L\nL = q int", "A: x L\nL = q int; c C\nC = email string required", "A: field x.c is new, and required on email refuses its zero value"},
		{"A: x int; c C\nC = email string required", "A: x int", "A: field c was removed"},
		// Rules that were there, but not asked, are new.
		{"A: x L -\nL = q int min=1", "A: x L\nL = q int min=1", "A: field x.q: rule min=1 is new"},
		{"A: x L\nL = q int min=1", "A: x L -\nL = q int min=2", ""},
		{"A: x L structonly\nL = q int min=1", "A: x L\nL = q int min=1", "A: field x.q: rule min=1 is new"},
		{"A: x []L\nL = q int min=1", "A: x []L dive\nL = q int min=1", "A: field x[].q: rule min=1 is new"},
		{"A: x []L\nL = q int", "A: x []L\nL = q int min=1", ""},
		{"A: x []L dive\nL = q int", "A: x []L dive\nL = q int min=1", "A: field x[].q: rule min=1 is new"},
		{"A: x L; y L -\nL = q int", "A: x L; y L\nL = q int min=1", "A: field x.q: rule min=1 is new; A: field y.q: rule min=1 is new"},
		// Missing, nil and zero are not the same.
		{"A: x *L\nL = q int min=1", "A: x L\nL = q int min=1", "A: field x: min=1 on q refuses what was missing or zero"},
		{"A: x *L required\nL = q int min=1", "A: x L\nL = q int min=1", ""},
		{"A: x []*L dive\nL = q int min=1", "A: x []L dive\nL = q int min=1", "A: field x[]: min=1 on q refuses what was missing or zero"},
		{"A: x string max=3", "A: x *string max=3", "A: field x: max=3 refuses what was missing or zero"},
		{"A: x string omitempty,email", "A: x *string omitempty,email", "A: field x: email refuses what was missing or zero"},
		{"A: x []string dive,omitempty,email", "A: x []string dive,email", "A: field x[]: omitempty is gone"},
		{"A: x string omitempty,email", "A: x string email,omitempty", "A: field x: email refuses what was missing or zero"},
		{"A: x map[string]int dive,keys,max=2,endkeys", "A: x map[string]int dive,keys,max=1,endkeys", "A: field x[string]: its key: rule max=1 was max=2"},
		{"A: x string max=3", "A: x bytes max=3", "A: field x: rule max=3 means another thing on bytes than on string"},
		// A name that events may have is read.
		{"A: z<x int", "A: z int", "A: field z: alias x was removed"},
		{"A: z<x int", "A: x int", "A: field z was removed"},
		{"A: z<x int", "A: y<z int", "A: field y: alias x was removed"},
		{"B alias=A: x int", "B: x int", "event B: alias A was removed"},
		{"B alias=A: x int", "A alias=B: x int", ""},
		// Who edits the file may write anything.
		{"A: x L\nL = next L; q int", "A: x L; y L\nL = next L; q int min=1", "A: field x.q: rule min=1 is new; A: field y is new, and min=1 on q refuses its zero value"},
	} {
		changes := Compare(file(strings.Split(test.old, "\n")...), file(strings.Split(test.now, "\n")...))
		var got []string
		for _, c := range changes {
			got = append(got, c.Text)
			if c.OldReaders+c.NewReaders == "" {
				t.Errorf("%s: nobody breaks", c.Text)
			}
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%q to %q: got %q, want %q", test.old, test.now, got, test.want)
		}
	}
}

// TestOneOf has a parameter with spaces.
func TestOneOf(t *testing.T) {
	read := func(tag string) *model.Rules { return rule.Read(tag, rule.Nowhere) }
	if got := narrowerRule(read("oneof=a b"), read("oneof=b c a")); got != "" {
		t.Errorf("one more word: %s", got)
	}
	if got := narrowerRule(read("oneof=a b"), read("oneof=a c")); got != "rule oneof=a c was oneof=a b" {
		t.Errorf("got %q", got)
	}
}

func TestFile(t *testing.T) {
	f := file("A key=x: x int min=1; y []L", "L = z<y string")
	f.Accepted = []Accepted{{"A: field w was removed", "never released <yet>"}}
	b, err := f.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(b)
	if err != nil || !reflect.DeepEqual(got, f) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, f)
	}
	if again, err := got.Bytes(); err != nil || string(again) != string(b) {
		t.Errorf("got %s, %v\nwant %s", again, err, b)
	}
	for _, text := range []string{"{", "[]", `{"format": 2}`, `{"format": 1, "event": []}`, string(b) + "x", "<<<<<<< HEAD"} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

// FuzzCompare wants no crash, whatever somebody wrote into the file.
func FuzzCompare(f *testing.F) {
	f.Add("map[string]", "[", "min=1", "dive,|,=")
	f.Add("map[", "map[]", "[3]int", "")
	f.Fuzz(func(t *testing.T, before, after, oldRules, newRules string) {
		old := &File{Events: []Event{{Name: "A", Fields: []Field{{Name: "x", Type: before, Rules: oldRules}}}}}
		now := &File{Events: []Event{{Name: "A", Fields: []Field{{Name: "x", Type: after, Rules: newRules}}}}}
		old.Structs, now.Structs = []Struct{{Name: after, Fields: old.Events[0].Fields}}, []Struct{{Name: before}}
		Compare(old, now)
	})
}
