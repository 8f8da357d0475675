package check

import (
	"strings"
	"testing"

	"github.com/necrostack/necrogen/internal/gen/directive"
	"github.com/necrostack/necrogen/internal/gen/model"
	"github.com/necrostack/necrogen/internal/policykey"
)

// directiveOf makes a directive of policy words such as "retry=1 backoff=1s..2s".
func directiveOf(verb, words string) *model.Directive {
	d := &model.Directive{Verb: verb}
	for _, word := range strings.Fields(words) {
		key, value, has := strings.Cut(word, "=")
		d.Args = append(d.Args, &model.Arg{Text: word, Key: key, Value: value, HasValue: has})
	}
	return d
}

func TestPolicyValue(t *testing.T) {
	for _, test := range []struct{ word, want, hint string }{
		{"retry=1", "", ""},
		{"retry=0", "NC071 retry=0: must be from 1 to 1000000", "for example retry=5"},
		{"backoff=1s..2s", "", ""},
		{"backoff=2s..1s", "NC073 backoff=2s..1s: the first delay is longer than the last", "did you mean backoff=1s..2s?"},
		{"onfail=drop", "", ""},
		{"onfail=ded", "NC070 onfail=ded: ", "did you mean onfail=dead?"},
		{"onfail=xyzzy", "NC070 onfail=xyzzy: ", "for example onfail=dead"},
		{"exclusive=yes", "", ""}, // a flag with a value is a mistake of the words, which are checked elsewhere
		{"colour=red", "", ""},    // and so is a key that there is not
	} {
		c := &checker{}
		c.policyValue(directiveOf("organ", test.word).Args[0])
		got, hint := messages(c.diags), ""
		if len(c.diags) > 0 {
			hint = c.diags[0].Hint
		}
		if !strings.HasPrefix(got, test.want) || test.want == "" && got != "" || hint != test.hint {
			t.Errorf("%s: got %q and %q, want %q and %q", test.word, got, hint, test.want, test.hint)
		}
	}
}

// TestContradictions: a policy of a handler is judged with that of its organ, of which it takes what it does not say itself.
func TestContradictions(t *testing.T) {
	const strict = "NC072 order=strict contradicts concurrency=4"
	const waits = "NC072 backoff=1s..2s contradicts retry=1"
	for _, test := range []struct{ organ, handler, want string }{
		{"order=strict concurrency=1", "", ""},
		{"order=strict concurrency=4", "", strict},
		{"order=key concurrency=4", "", ""},
		{"order=key lanes=4", "", ""},
		{"order=strict lanes=4", "", "NC072 lanes=4 contradicts order=strict"},
		{"lanes=4", "", "NC072 lanes=4 contradicts the lack of an order"},
		{"retry=2 backoff=1s..2s", "", ""},
		{"retry=1 backoff=1s..2s", "", waits},
		{"retry=1 backoff=1s..2s", "retry=3", waits}, // the organ's other handlers have one attempt
		{"retry=1", "backoff=1s..2s", waits},
		{"retry=1", "retry=2 backoff=1s..2s", ""},
		{"retry=3", "retry=1 backoff=1s..2s", waits},
		{"backoff=1s..2s", "retry=1", ""}, // the backoff is for the other handlers
	} {
		o := &model.Organ{GoName: "Billing", Directive: directiveOf("organ", test.organ)}
		o.Policy.Values = map[string]policykey.Value{}
		for _, a := range o.Directive.Args {
			value, err := policykey.Lookup(a.Key).Parse(a.Value)
			if err != nil {
				t.Fatal(err)
			}
			o.Policy.Values[a.Key] = value
		}
		handler := &model.Func{Recv: "Billing", Directive: directiveOf(directive.Handle, test.handler)}
		other := &model.Func{Recv: "Shipping", Directive: directiveOf(directive.Handle, "retry=1 backoff=1s..2s")}
		c := &checker{}
		c.checkContradictions(&model.Package{Funcs: []*model.Func{handler, other}}, o)
		if got := messages(c.diags); got != test.want {
			t.Errorf("%q with %q: got %q, want %q", test.organ, test.handler, got, test.want)
		}
	}
}
