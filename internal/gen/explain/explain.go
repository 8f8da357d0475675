// Package explain finds the page of a diagnostic by what a person types.
package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/necrostack/necrogen/internal/gen/diag"
	"github.com/necrostack/necrogen/internal/spelling"
)

// Page returns the page of a code, which may be written NC012, nc012, 012 or 12, or as it is
// copied from a message, with a colon. The error for another word names the code that was
// probably meant.
func Page(word string) (string, error) {
	number, err := strconv.Atoi(strings.TrimPrefix(strings.ToUpper(strings.TrimRight(word, ": ")), "NC"))
	if err != nil {
		return "", noCode(word, byTitle(word))
	}
	code := diag.Code(fmt.Sprintf("NC%03d", number))
	entry, known := diag.Catalogue(code)
	if !known {
		return "", noCode(string(code), nearestCode(code))
	}
	if page, ok := diag.Page(code); ok {
		return page, nil
	}
	return fmt.Sprintf("# %s: %s\n", code, entry.Title), nil
}

// List returns all codes with their titles.
func List() string {
	var b strings.Builder
	for _, code := range sortedCodes() {
		fmt.Fprintf(&b, "%s  %s\n", code, codeTitle(code))
	}
	return b.String()
}

func noCode(word string, near diag.Code) error {
	if near == "" {
		return fmt.Errorf("there is no code %s; necrogen explain lists them all", word)
	}
	return fmt.Errorf("there is no code %s; did you mean %s (%s)?", word, near, codeTitle(near))
}

// byTitle returns the first code with the word in its title, or with one that is spelt almost so.
func byTitle(word string) diag.Code {
	word = strings.ToLower(word)
	for _, alike := range []func(title string) bool{
		func(title string) bool { return strings.Contains(title, word) },
		func(title string) bool { return spelling.Nearest(word, strings.Fields(title)) != "" },
	} {
		codes := sortedCodes()
		if i := slices.IndexFunc(codes, func(c diag.Code) bool { return alike(codeTitle(c)) }); i >= 0 {
			return codes[i]
		}
	}
	return ""
}

// nearestCode returns the code that is one wrong digit away, or two that changed places.
func nearestCode(code diag.Code) diag.Code {
	var words []string
	for _, c := range sortedCodes() {
		if spelling.Distance(string(code), string(c)) == 1 {
			words = append(words, string(c))
		}
	}
	return diag.Code(cmp.Or(words...))
}

func sortedCodes() []diag.Code { return slices.Sorted(slices.Values(diag.Codes())) }

func codeTitle(code diag.Code) string {
	entry, _ := diag.Catalogue(code)
	return entry.Title
}
