package main

import (
	"fmt"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/explain"
)

// explainCodes prints the pages of codes, or the list of all.
func (c *command) explainCodes(words []string) int {
	var pages []string
	for _, word := range words {
		page, err := explain.Page(word)
		if err != nil {
			return c.tellFailure(err)
		}
		pages = append(pages, page)
	}
	if len(words) == 0 {
		pages = append(pages, explain.List())
	}
	fmt.Fprint(c.stdout, strings.Join(pages, "\n"))
	return exitDone
}
