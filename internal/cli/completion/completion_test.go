package completion

import (
	"os/exec"
	"strings"
	"testing"
)

var admin = Command{Name: "shop admin", Verbs: []Verb{
	{"organs", "show organs", []string{"-o", "-namespace"}}, {"dead ls", "list", []string{"-organ"}}, {"dead show", "show", nil},
	{"help", "tell more", []string{"organs", "dead"}},
}}

// TestBash loads the script as a user's shell does, beside that of another command, and asks it.
func TestBash(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not there")
	}
	script, err := admin.Script("bash")
	if err != nil {
		t.Fatal(err)
	}
	other, _ := (&Command{Name: "necroctl", Verbs: []Verb{{Name: "other"}}}).Script("bash")
	for line, want := range map[string]string{
		"": "organs dead help", "o": "organs", "dead ": "ls show", "dead ls ": "-organ", "organs -o json -n": "-namespace",
		"help d": "dead", "nonsense ": "", "dead show ": "",
	} {
		words := strings.Split(line, " ")
		args := append([]string{"-uc", `eval "$1"; eval "$2"; complete -p shop necroctl >/dev/null || exit
			shift 2; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _shop_admin; echo "${COMPREPLY[@]}"`, "bash", script, other, "shop", "admin"}, words...)
		out, err := exec.Command("bash", args...).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", line, got, err, want)
		}
	}
}

func TestScript(t *testing.T) {
	for _, shell := range Shells() {
		if script, err := admin.Script(shell); err != nil || !strings.Contains(script, "organs") {
			t.Errorf("%s: %q, %v", shell, script, err)
		}
	}
	if _, err := admin.Script("tcsh"); err == nil {
		t.Error("a script for tcsh")
	}
	fish, _ := admin.Script("fish")
	const want = `complete -c shop -f -n __fish_use_subcommand -a organs -d 'show organs'
complete -c shop -f -n __fish_use_subcommand -a dead
complete -c shop -f -n '__fish_seen_subcommand_from dead; and not __fish_seen_subcommand_from ls show' -a ls -d 'list'
`
	if !strings.HasPrefix(fish, want) {
		t.Errorf("fish:\n%s", fish)
	}
}
