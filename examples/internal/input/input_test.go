package input

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func TestForms(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"csv", "Name, tags\nada,a|b\n\n\"b, c\",\n", []string{"2 map[name:ada tags:a|b] <nil>", "4 map[name:b, c tags:] <nil>"}},
		{"lists", `[{"name":"ada","tags":["a","b"]}, {"name":5,"tags":[]}]`, []string{"1 map[name:ada tags:a|b] <nil>", "1 map[name:5 tags:] <nil>"}},
		{"lines", "{\"name\":null}\n{\"name\":true}", []string{"1 map[name:] <nil>", "2 map[name:] name is neither text nor a number, nor a list of texts"}},
		{"quotes", "name\na\"b\n\"a\"b\nc\n", []string{
			"2:2 map[] a quote inside of a field: put the whole field in quotes, and double the quotes in it",
			"3:3 map[] a field in quotes that does not end: double the quotes in it, and end it with one",
			"4 map[name:c] <nil>"}},
		{"no column", "nam\nada\n", []string{"1 map[] header: there is no column name; need name"}},
	} {
		var got []string
		for r := range Records(strings.NewReader(test.text), []string{"name"}) {
			got = append(got, fmt.Sprintf("%s %v %v", r.Place("")[1:], r.Fields, r.Err))
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
		}
	}
}

// TestBrokenSource: what cannot be read any more is told, and ends the input.
func TestBrokenSource(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, begin := range []string{"name\n", "[", "{}\n"} {
		told := 0
		for r := range Records(io.MultiReader(strings.NewReader(begin), iotest.ErrReader(broken)), []string{"name"}) {
			if errors.Is(r.Err, broken) {
				told++
			}
		}
		if told != 1 {
			t.Errorf("%q: told %d times", begin, told)
		}
	}
}

func TestOpen(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(name, []byte("name\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	silent, _ := io.Pipe()
	list, err := Open(ctx, []string{name, "-"}, silent)
	if err != nil || len(list) != 2 || list[0].Name != name || list[1].Name != "standard input" {
		t.Fatalf("opened %v, %v", list, err)
	}
	defer Close(list)
	cancel()
	if _, err := io.ReadAll(list[1]); !errors.Is(err, context.Canceled) {
		t.Errorf("a silent input ends with %v, want that it was interrupted", err)
	}
	if _, err := Open(t.Context(), []string{name, name + "x"}, nil); err == nil || !strings.HasSuffix(err.Error(), "there is no such file or folder") {
		t.Errorf("a missing file: %v", err)
	}
}
