package main

import (
	"os"
	"testing"
)

// TestComplete: every promise has a test and an edit that fits the code; make promises shows that they bite.
func TestComplete(t *testing.T) {
	if err := checkComplete("../../.."); err != nil {
		t.Error(err)
	}
}

func TestDocumentIsCurrent(t *testing.T) {
	text, err := os.ReadFile("../../../" + document)
	if err != nil {
		t.Fatal(err)
	}
	wanted, err := renderDocument(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if wanted != string(text) {
		t.Error(document + " lists other promises than table.go: run make generate")
	}
}

// TestParts: each row is in one part.
func TestParts(t *testing.T) {
	seen := map[facet]int{}
	for _, part := range []string{"0x4/4", "1/4", "2/4", "3/4"} {
		list, err := choosePart(promises, part)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			for _, f := range p.facets {
				seen[f]++
			}
		}
	}
	for _, p := range promises {
		for _, f := range p.facets {
			if seen[f] != 1 {
				t.Errorf("%s %s is in %d parts", f.edit, f.test, seen[f])
			}
		}
	}
	for _, part := range []string{"", "1", "1/0", "a/4"} {
		if _, err := choosePart(promises, part); err == nil {
			t.Errorf("-part %q is taken", part)
		}
	}
}

// TestSecondVerdict: a test whose first verdict is wrong runs once more.
func TestSecondVerdict(t *testing.T) {
	at := in("runtime", "TestA")
	for _, c := range []struct {
		first, second, want verdict
		runs, retried       int
	}{
		{red, green, red, 0, 0},
		{green, red, red, 1, 1},
		{green, green, green, 1, 0},
		{absent, red, red, 1, 0},
	} {
		var p proof
		runs := 0
		is, _ := p.wantVerdict(red, at, c.first, "", func([]string) (map[string]verdict, string) {
			runs++
			return map[string]verdict{"TestA": c.second}, ""
		})
		if is != c.want || runs != c.runs || len(p.retried) != c.retried {
			t.Errorf("%+v: %s after %d more runs, retried %v", c, is, runs, p.retried)
		}
	}
}

// TestVerdicts: only a test that failed is red.
func TestVerdicts(t *testing.T) {
	const failed = `{"Action":"output","Test":"TestA","Output":"--- FAIL: TestA\n"}
{"Action":"fail","Test":"TestA"}
{"Action":"fail"}
`
	for name, c := range map[string]struct {
		out  string
		want verdict
	}{
		"fails":            {failed, red},
		"passes":           {`{"Action":"pass","Test":"TestA"}`, green},
		"skips":            {`{"Action":"skip","Test":"TestA"}`, absent},
		"does not compile": {`{"Action":"build-output","Output":"a.go:1:1: no"}` + "\n" + `{"Action":"fail"}`, absent},
		"does not exist":   {`{"Action":"output","Output":"testing: warning: no tests to run"}` + "\n" + `{"Action":"pass"}`, absent},
		"another fails":    {`{"Action":"fail","Test":"TestAB"}`, absent},
		"hangs alone":      {`{"Action":"run","Test":"TestA"}` + "\n" + `{"Action":"output","Output":"panic: test timed out after 1m0s"}`, hangs},
		"panics":           {`{"Action":"run","Test":"TestA"}` + "\n" + `{"Action":"output","Output":"panic: no"}` + "\n" + `{"Action":"fail"}`, absent},
		"hangs":            {`{"Action":"output","Output":"panic: test timed out after 1m0s"}` + "\n" + failed, hangs},
	} {
		if verdicts, _ := readVerdicts([]byte(c.out)); verdicts["TestA"] != c.want {
			t.Errorf("a test that %s: %v, want %v", name, verdicts["TestA"], c.want)
		}
	}
}
