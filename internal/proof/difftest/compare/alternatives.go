package compare

import (
	"slices"
	"strings"
)

// forNil gives a violation of alternatives the name that the reference has for one of a nil pointer:
// it names the second alternative, with the parameter of the first; ours names all.
func forNil(got, want []string) []string {
	got = slices.Clone(got)
	for i, ours := range got {
		path, rule, _ := strings.Cut(ours, " ")
		if !strings.Contains(rule, "|") || slices.Contains(want, ours) {
			continue
		}
		for _, theirs := range want {
			name, ok := strings.CutPrefix(theirs, path+" ")
			name, _, _ = strings.Cut(name, "=")
			if ok && !strings.Contains(theirs, "|") && slices.Contains(alternativeNames(rule), name) {
				got[i] = theirs
			}
		}
	}
	slices.Sort(got)
	return got
}

// alternativeNames are those of alternatives.
func alternativeNames(rule string) []string {
	var list []string
	for one := range strings.SplitSeq(rule, "|") {
		name, _, _ := strings.Cut(one, "=")
		list = append(list, name)
	}
	return list
}
