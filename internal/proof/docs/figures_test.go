package docs

import (
	"regexp"
	"strings"
	"testing"
)

// TestFiguresAreWhole: docs/performance.md shows the whole output of one make bench, with every contest
// that there is today.
func TestFiguresAreWhole(t *testing.T) {
	titles := regexp.MustCompile(`title:\s+"([^"]+)"`).FindAllStringSubmatch(sources("bench"), -1)
	figures := blocks(t, func(b *block) bool { return b.page == "docs/performance.md" && b.lang == "text" })
	if len(titles) == 0 || len(figures) != 1 {
		t.Fatalf("%d contests, %d blocks of figures", len(titles), len(figures))
	}
	for _, title := range titles {
		if !strings.Contains(figures[0].text, "\n"+title[1]) {
			t.Errorf("%s has no figures of the contest %q: paste what make bench prints", figures[0], title[1])
		}
	}
}
