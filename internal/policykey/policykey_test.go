package policykey

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestRowsAreWhole: every row says all that the kind of its value needs, and its example and its default can be read.
func TestRowsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	fieldsOf := map[Kind]int{Count: 1, Duration: 1, Range: 2, CountPer: 2, Word: 1, Flag: 1}
	for i := range Table {
		k := &Table[i]
		if seen[k.Name] || k.Name != strings.ToLower(k.Name) || Lookup(k.Name) != k {
			t.Errorf("%s: not a name of its own in lower case", k.Name)
		}
		seen[k.Name] = true
		if len(k.Fields) != fieldsOf[k.Kind] || (k.Kind == Word) != (len(k.Choices) > 1) {
			t.Errorf("%s: %d fields and %d choices", k.Name, len(k.Fields), len(k.Choices))
		}
		if k.Option == "" || k.Does == "" || (k.Default == "") == (k.DefaultText == "") {
			t.Errorf("%s: has no option, no description, or not one default", k.Name)
		}
		example := strings.TrimPrefix(k.Form, k.Name+"=")
		if k.Kind == Flag {
			example = "true"
		}
		for _, text := range []string{example, k.Default} {
			value, err := k.Parse(text)
			if text == "" {
				continue
			}
			if err != nil {
				t.Errorf("%s: %q: %v", k.Name, text, err)
			} else if parts := k.Parts(value); len(parts) != len(k.Fields) {
				t.Errorf("%s: %d parts for %d fields", k.Name, len(parts), len(k.Fields))
			}
		}
	}
	if Lookup("retries") != nil {
		t.Error("there is a row of no key")
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"retry=5":                    "[5]",
		"retry=0":                    "must be from 1 to 1000000",
		"retry=1000001":              "must be from 1 to 1000000",
		"retry=99999999999999999999": "must be from 1 to 1000000",
		"retry=x":                    "not a number",
		"lanes=256":                  "[256]",
		"lanes=257":                  "must be from 1 to 256",
		"backoff=100ms..30s":         "[100ms 30s]",
		"backoff=1s..1s":             "[1s 1s]",
		"backoff=2s..1s":             "the first delay is longer than the last",
		"backoff=1s":                 "not two durations such as 100ms..30s",
		"backoff=1s..x":              "not two durations such as 100ms..30s",
		"backoff=0s..1s":             "must be longer than 0s",
		"timeout=2s":                 "[2s]",
		"timeout=-1s":                "must be longer than 0s",
		"timeout=none":               "not a duration such as 2s or 100ms",
		"breaker=3/1m":               "[3 1m0s]",
		"breaker=0/1s":               "must be from 1 to 1000000",
		"breaker=1":                  "not a number and a duration such as 5/30s",
		"onfail=halt":                "[3]",
		"onfail=no":                  "not one of dead, drop, halt",
		"order=":                     "not one of key, strict",
		"exclusive=true":             "[true]",
		"exclusive=1":                "not true or false",
	} {
		name, value, _ := strings.Cut(text, "=")
		k := Lookup(name)
		v, err := k.Parse(value)
		got := ""
		if err != nil {
			got = err.Error()
			if v != (Value{}) {
				t.Errorf("%s: %+v beside an error", text, v)
			}
		} else {
			got = fmt.Sprint(k.Parts(v))
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	if v, err := Lookup("breaker").ParseSetting("none"); err != nil || v != (Value{}) {
		t.Errorf("breaker none: %+v, %v", v, err)
	}
	if _, err := Lookup("retry").ParseSetting("none"); err == nil {
		t.Error("retry none is taken")
	}
	if v, err := Lookup("timeout").ParseSetting("3s"); err != nil || v.Duration != 3*time.Second {
		t.Errorf("timeout 3s: %+v, %v", v, err)
	}
	for name, want := range map[string]string{
		"retry": "a number, as in 5", "backoff": "two durations, as in 100ms..30s", "timeout": "a duration, as in 2s, or none",
		"breaker": "a number and a duration, as in 5/30s, or none", "onfail": "dead, drop or halt", "exclusive": "true or false",
	} {
		if got := Lookup(name).WantedSetting(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if n := DefaultCount("maxhops"); n != 64 {
		t.Errorf("maxhops is %d by default", n)
	}
	if _, err := Lookup("backoff").Parse("0s..x"); !errors.As(err, new(*RangeError)) {
		t.Errorf("a range error of one half is lost: %v", err)
	}
}
