package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../../.."

// page is one Markdown file.
type page struct {
	path    string // from the root of the repository
	text    string
	prose   string // the text without its blocks
	anchors map[string]bool
	blocks  []*block
}

// block is a block of code.
type block struct {
	page    string
	line    int
	section string // the anchor of the heading of the second level above it
	lang    string
	file    string // named by the line in front of it
	excerpt string // the file that the line in front of it links to
	prints  string // what the text behind it says that it prints
	text    string
}

func (b *block) String() string { return fmt.Sprintf("%s:%d: the %s block", b.page, b.line, b.lang) }

// pages reads all documents that are held to their word.
func pages(t *testing.T) []*page {
	t.Helper()
	var list []*page
	for _, pattern := range []string{"README.md", "CONTRIBUTING.md", "docs/*.md", "examples/*/README.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			rel, _ := filepath.Rel(root, path)
			list = append(list, parse(filepath.ToSlash(rel), string(text)))
		}
	}
	return list
}

var (
	fence       = regexp.MustCompile("^```(\\w*)$")
	heading     = regexp.MustCompile(`^(#+) (.+)$`)
	fileLabel   = regexp.MustCompile("`([^` ]+\\.\\w+)`:$")
	linkLabel   = regexp.MustCompile(`\[[^]]+\]\(([^)#]+)\):$`)
	printsLabel = regexp.MustCompile("^\n+It prints `([^`]+)`")
)

// parse reads a page: fenced blocks, and indented ones, which are commands.
func parse(path, text string) *page {
	p := &page{path: path, text: text, anchors: map[string]bool{}}
	lines := strings.SplitAfter(text, "\n")
	section, before := "", "" // the last line that was not empty
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], "\n")
		b := &block{page: path, line: i + 1, section: section}
		switch m := fence.FindStringSubmatch(line); {
		case m != nil:
			b.lang = m[1]
			for i++; i < len(lines) && lines[i] != "```\n"; i++ {
				b.text += lines[i]
			}
		case strings.HasPrefix(line, "    ") && (before == "" || lines[i-1] == "\n" && !inList(before)):
			b.lang = "sh"
			for ; i < len(lines) && strings.HasPrefix(lines[i], "    "); i++ {
				b.text += lines[i][4:]
			}
			i--
		default:
			if m := heading.FindStringSubmatch(line); m != nil {
				p.anchors[anchor(m[2])] = true
				if m[1] == "##" {
					section = anchor(m[2])
				}
			}
			p.prose += lines[i]
			if line != "" {
				before = line
			}
			continue
		}
		b.label(before, strings.Join(lines[min(i+1, len(lines)):], ""))
		p.blocks = append(p.blocks, b)
		before = "-"
	}
	return p
}

// label reads what the text in front of a block and behind it says of it.
func (b *block) label(before, behind string) {
	if m := fileLabel.FindStringSubmatch(before); m != nil {
		b.file = m[1]
	}
	if m := linkLabel.FindStringSubmatch(before); m != nil {
		b.excerpt = filepath.ToSlash(filepath.Join(filepath.Dir(b.page), m[1]))
	}
	if m := printsLabel.FindStringSubmatch(behind); m != nil {
		b.prints = m[1] + "\n"
	}
}

func inList(line string) bool {
	return strings.HasPrefix(strings.TrimLeft(line, " "), "- ") || strings.HasPrefix(line, "  ")
}

var notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)

// anchor is what GitHub makes of a heading.
func anchor(heading string) string {
	return strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
