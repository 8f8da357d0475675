package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

//go:generate go run . -write

const document = "docs/guarantees.md"

// The table is between these lines.
const (
	tableBegin = "<!-- promises: written by make generate -->\n"
	tableEnd   = "<!-- end of promises -->\n"
)

// renderTable renders the promises for people.
func renderTable() string {
	var b strings.Builder
	b.WriteString("| promise | the test that goes red |\n| --- | --- |\n")
	for _, p := range promises {
		fmt.Fprintf(&b, "| **%s** | |\n", p.name)
		for _, f := range p.facets {
			fmt.Fprintf(&b, "| %s | [%s](../%s) |\n", f.says, f.test, f.dir)
		}
	}
	return b.String()
}

// renderDocument returns the document as it should be.
func renderDocument(text string) (string, error) {
	before, rest, ok := strings.Cut(text, tableBegin)
	_, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		return "", errors.New(document + " has no place for the table of promises")
	}
	return before + tableBegin + renderTable() + tableEnd + after, nil
}

func writeDocument() error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	wanted, err := renderDocument(string(text))
	if err != nil {
		return err
	}
	return os.WriteFile(document, []byte(wanted), 0o644)
}
