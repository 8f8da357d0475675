package docs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// blocks returns the blocks that a kind of test is for.
func blocks(t *testing.T, of func(*block) bool) (list []*block) {
	t.Helper()
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if of(b) {
				list = append(list, b)
			}
		}
	}
	return list
}

// TestEveryBlock wants every block to be of some kind that is tested.
func TestEveryBlock(t *testing.T) {
	found := make([]bool, len(elsewhere))
	for _, b := range blocks(t, func(*block) bool { return true }) {
		if i := listed(b); i >= 0 {
			found[i] = true
		} else if !b.isStep() && !b.isExcerpt() && !b.isFragment() && !b.isCommand() && !b.isPicture() && !b.isSession() && !b.isTranscript() {
			t.Errorf("%s is not tested: see the package comment of internal/proof/docs", b)
		}
	}
	for i, e := range elsewhere {
		if !found[i] {
			t.Errorf("elsewhere_test.go lists %s#%s (%s): there is no such block", e.page, e.section, e.lang)
		}
	}
}

func (b *block) isStep() bool {
	return b.isIn(tutorials) && (b.lang == "sh" || b.lang == "text" || b.file != "")
}
func (b *block) isExcerpt() bool { return b.excerpt != "" }
func (b *block) isFragment() bool {
	return b.lang == "go" && listed(b) < 0 && !b.isStep() && !b.isExcerpt()
}
func (b *block) isCommand() bool {
	return (b.lang == "sh" || b.lang == "console") && listed(b) < 0 && !b.isStep() && !b.isExcerpt() && !b.isTranscript()
}
func (b *block) isPicture() bool { return b.lang == "mermaid" }

func (b *block) isIn(tutorials []tutorial) bool {
	return slices.ContainsFunc(tutorials, func(t tutorial) bool {
		return t.page == b.page && (t.section == "" || t.section == b.section)
	})
}

// TestExcerpts wants what a page shows of a file in that file.
func TestExcerpts(t *testing.T) {
	for _, b := range blocks(t, (*block).isExcerpt) {
		file, err := os.ReadFile(filepath.Join(root, b.excerpt))
		if err != nil {
			t.Errorf("%s: %v", b, err)
		} else if !holds(string(file), b.text) {
			t.Errorf("%s is not in %s", b, b.excerpt)
		}
	}
}

// holds says whether a file has all parts of an excerpt, in order. A line of its own with "…"
// stands for what is left out. Parts may be indented less than in the file.
func holds(file, excerpt string) bool {
	for part := range strings.SplitSeq(excerpt, "…\n") {
		i := strings.Index(file, strings.TrimSpace(part))
		if i < 0 {
			return false
		}
		file = file[i+len(strings.TrimSpace(part)):]
	}
	return true
}
