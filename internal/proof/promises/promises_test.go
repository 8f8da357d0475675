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
