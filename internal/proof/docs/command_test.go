package docs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// taken are commands that are not ours, and are taken at their word.
var taken = []string{"export", "cd", "mkdir", "kill", "curl", "redis-cli", "redis-server", "git", "dot", "apt-get", "source", "for", "done"}

// TestCommands wants what commands name: targets of make, packages, verbs and flags.
func TestCommands(t *testing.T) {
	for _, b := range blocks(t, (*block).isCommand) {
		for _, line := range b.commands() {
			for _, command := range regexp.MustCompile(`\|\||&&|[|;]`).Split(line, -1) {
				if err := known(strings.Fields(command)); err != nil {
					t.Errorf("%s: %q: %v", b, line, err)
				}
			}
		}
	}
}

// commands returns the lines of a block without their comments; of a console's those that begin
// with "$ ", for others are what it prints.
func (b *block) commands() (lines []string) {
	for line := range strings.Lines(strings.ReplaceAll(b.text, "\\\n", "")) {
		line, prompt := strings.CutPrefix(line, "$ ")
		line, _, _ = strings.Cut(" "+line, " #")
		if (b.lang == "sh" || prompt) && strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

var assignment = regexp.MustCompile(`^\w+=`)

// known says what is wrong with a command.
func known(words []string) error {
	for len(words) > 0 && (words[0] == "nice" || assignment.MatchString(words[0])) {
		words = words[1:]
	}
	switch {
	case len(words) == 0, slices.Contains(taken, words[0]):
		return nil
	case words[0] == "bash" && len(words) == 2:
		_, err := os.Stat(filepath.Join(root, words[1]))
		return err
	case words[0] == "make":
		return target(words[1:])
	case words[0] == "necroctl":
		return operator(words[1:])
	case words[0] == "necrogen":
		return verb(words[1:])
	case words[0] != "go" || len(words) < 2:
		return fmt.Errorf("%s is no command that internal/proof/docs knows", words[0])
	}
	switch rest := words[2:]; words[1] {
	case "get", "mod", "work", "vet", "generate", "install":
		return nil
	case "tool":
		return verb(rest[1:])
	case "test":
		return packages(rest)
	case "run":
		if strings.HasPrefix(rest[0], module+"/cmd/necrogen") {
			return verb(rest[1:])
		}
		return program(rest)
	}
	return fmt.Errorf("go %s is no command that internal/proof/docs knows", words[1])
}

// target wants targets of the Makefile.
func target(words []string) error {
	text, err := os.ReadFile(filepath.Join(root, "Makefile"))
	for _, word := range words {
		if err == nil && !assignment.MatchString(word) && !bytes.Contains(text, []byte("\n"+word+":")) {
			err = fmt.Errorf("the Makefile has no target %s", word)
		}
	}
	return err
}

// verb wants a verb of necrogen, or packages, and flags that it has.
func verb(words []string) error {
	texts := sources("cmd/necrogen")
	if len(words) > 0 && regexp.MustCompile(`^[a-z]+$`).MatchString(words[0]) && !strings.Contains(texts, "\t\t\t\""+words[0]+"\", ") {
		return fmt.Errorf("necrogen has no verb %s", words[0])
	}
	return flags(words, texts)
}

// operator wants a verb of necroctl, of one word or two, and flags that it has.
func operator(words []string) error {
	texts := sources("necroctl")
	for n := 1; n <= min(2, len(words)); n++ {
		if strings.Contains(texts, "\t\t{\""+strings.Join(words[:n], " ")+"\", ") {
			return flags(words[n:], texts)
		}
	}
	return fmt.Errorf("necroctl has no verb %s", strings.Join(words, " "))
}

// packages wants the packages that go test is told.
func packages(words []string) error {
	for _, word := range words {
		dir := strings.TrimSuffix(word, "/...")
		if _, err := os.Stat(filepath.Join(root, dir)); strings.HasPrefix(word, "./") && err != nil {
			return err
		}
	}
	return nil
}

// program wants a program of this repository, and flags that it has.
func program(words []string) error {
	texts := sources(words[0])
	if !strings.Contains(texts, "\nfunc main()") && words[0] != "." {
		return fmt.Errorf("%s is no program of this repository", words[0])
	}
	return flags(words[1:], texts+sources("examples/internal/cli"))
}

// flags wants flags to be named in a source.
func flags(words []string, source string) error {
	for _, word := range words {
		name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if strings.HasPrefix(word, "-") && name != "" && name != "help" && !strings.Contains(source, `"`+name+`"`) {
			return fmt.Errorf("there is no flag %s", word)
		}
	}
	return nil
}

// sources returns the Go files of a folder of this repository.
func sources(dir string) string {
	paths, _ := filepath.Glob(filepath.Join(root, dir, "*.go"))
	var b strings.Builder
	for _, path := range paths {
		text, _ := os.ReadFile(path)
		b.Write(text)
	}
	return b.String()
}
