//go:build node

package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/necrostack/necrogen/internal/testkit/node"
)

var (
	update   = flag.Bool("update", false, "renew the pictures of docs/console")
	pictures = flag.String("pictures", "", "a `folder`, by its absolute path, for pictures of all pages in all widths and themes")
)

// TestNodeIncident walks through the incident of README.md in Chromium, with a look at every page in three widths and both themes.
func TestNodeIncident(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("lovelace"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	users := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(users, []byte("ada:"+string(hash)+"\nviewer:"+string(hash)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NECRO_CONSOLE_USERS", users)
	shop, _, console := start(t, &options{orders: 4})
	for range 2 {
		if status, text := ask(t, "POST", shop+"/orders?in=1h", `{"OrderID": "later-`+t.Name()+`", "Lines": [{"Item": "lamp", "Count": 1}], "Cents": 1000, "Country": "Iceland"}`); status != 202 {
			t.Fatal(status, text)
		}
	}
	ways := map[string]string{"console": console + "/", "shop": shop, "pictures": *pictures}
	if *update {
		if ways["docs"], err = filepath.Abs("../../docs/console"); err != nil {
			t.Fatal(err)
		}
	}
	input, err := json.Marshal(ways)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := node.Run(t, "incident.mjs", input); len(wrong) > 0 {
		t.Errorf("%s", wrong)
	}
}
