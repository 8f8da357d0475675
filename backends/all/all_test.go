package all_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/backends/all"
	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// TestOpen opens a backend of each engine, and opens it again as an operator does.
func TestOpen(t *testing.T) {
	file := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	redis := redistest.Start(t).URL()
	database := postgrestest.Start(t).URL()
	for _, url := range []string{"memory", "memory:", file, redis, database} {
		b, err := all.Open(t.Context(), url, all.WithLogger(nil))
		if err != nil {
			t.Fatal(err)
		}
		if h := b.Health(t.Context()); h.Err != nil {
			t.Errorf("%s: %v", url, h.Err)
		}
		if url != redis { // which has no namespace before something subscribes
			if _, err := b.Subscribe(t.Context(), nil); err != nil {
				t.Error(err)
			}
		}
		b.Close()
	}
	for _, url := range []string{file, database} {
		b, err := all.Open(t.Context(), url, all.Existing(), all.WithLogger(nil))
		if err != nil {
			t.Fatal(err)
		}
		b.Close()
	}
	_, err := all.Open(t.Context(), database, all.Existing(), all.WithNamespace("other"), all.WithLogger(nil))
	if err == nil || !strings.Contains(err.Error(), "there is no backend in the schema other") {
		t.Errorf("a schema that is missing: %v", err)
	}
}

// TestOpenRefuses URLs of no engine, and for an operator what is not there. No error tells a password.
func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	empty, missing := filepath.Join(dir, "empty.db"), filepath.Join(dir, "missing.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	operator := []all.Option{all.Existing(), all.WithLogger(nil)}
	for _, c := range []struct {
		url     string
		options []all.Option
		want    string
	}{
		{"", nil, "its URL has no scheme: need one as in memory:, sqlite:shop.db, redis://localhost:6379/0, postgres://localhost/shop"},
		{"shop.db", nil, "its URL has no scheme"},
		{"mysql://root:tiger@localhost", nil, `its URL begins with "mysql:": need one`},
		{"password=tiger:host=db", nil, "its URL has no scheme"},
		{"redis://:tiger@localhost:x/0", nil, "redisstream: the URL "},
		{"memory:", operator, "mount necroctl.Command in the program"},
		{"sqlite:", nil, "it needs the path of a file"},
		{"sqlite:" + missing, operator, "there is no such file"},
		{"sqlite:" + empty, operator, "it is empty"},
		{"sqlite:" + missing, []all.Option{all.WithNamespace("shop")}, "the namespace shop: a sqlite: URL has none"},
	} {
		b, err := all.Open(context.Background(), c.url, c.options...)
		if err == nil || b != nil || !strings.Contains(err.Error(), c.want) || strings.Contains(fmt.Sprint(err), "tiger") {
			t.Errorf("%q: %v, %v, want %q", c.url, b, err, c.want)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a missing file was made for an operator")
	}
}
