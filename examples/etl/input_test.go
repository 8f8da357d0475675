package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/necrostack/necrogen/examples/internal/cli"
	"github.com/necrostack/necrogen/examples/internal/clitest"
)

const header = "species,island,beak_length_mm,beak_depth_mm,flipper_length_mm,body_mass_g,sex\n"

// runOn runs the program on a text.
func runOn(t *testing.T, text string, args ...string) outcome {
	t.Helper()
	name := filepath.Join(t.TempDir(), "in.csv")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	o := runArgs(t, append(args, "--input", name)...)
	o.Stderr = strings.ReplaceAll(o.Stderr, name, "in.csv")
	return o
}

// TestAnyCSV has a byte order mark, columns in another order and one more, quotes, line breaks
// in quotes, Windows line ends and no last one, cut in many ways.
func TestAnyCSV(t *testing.T) {
	const text = "\ufeffSex,note,Species, island ,beak_length_mm,beak_depth_mm,flipper_length_mm,body_mass_g\r\n" +
		"MALE,\"two\r\nlines, \"\"quoted\"\"\",\"Emperor\",Ross,80,20,400,30000\r\n" +
		"\r\n" +
		"female,, \"Emperor\" ,Ross,80,20,380,28000\r\n" +
		"female,x,Emperor,\"Ross, east\",60,20,380,27000.5"
	want := strings.Join([]string{strings.Join(resultHeader, ","),
		"Emperor,Ross,male,1,30.000,30.000,30.000,40.000,40.000,40.000,4.000,4.000,4.000",
		"Emperor,\"Ross, east\",female,1,27.001,27.001,27.001,38.000,38.000,38.000,3.000,3.000,3.000", ""}, "\n")
	for size := 1; size < len(text); size += 1 + size/8 {
		got := runOn(t, text, "--chunk", fmt.Sprint(size))
		got.Expect(t, cli.ExitWrong, []string{"rows     3: 2 counted, 1 rejected\n"},
			[]string{"in.csv:5: has a wrong quote: put the field in quotes as a whole, and write quotes in it twice\n"})
		if string(got.result) != want {
			t.Fatalf("chunks of %d: wrote\n%swant\n%s", size, got.result, want)
		}
	}
}

func TestMistakesAreReportedAndTheRestGoesOn(t *testing.T) {
	got := runOn(t, header+
		"Adelie,Dream,39.1,18.7,181,heavy,MALE\n"+
		"Adelie,Dream,39.1,18.7,181,3750\n"+
		"Adelie,Dream,39,1,18.7,181,3750,MALE\n"+
		"Adelie,\"Dream,39.1,18.7,181,3750,MALE\n\"x\n"+
		"Adelie,Dream,39.1,-18.7,181,3750,MALE\n"+
		"Adelie,Dream,39.1,18.7,181,3750,M\n"+
		"Ad\xe9lie,Dream,39.1,18.7,181,3750,MALE\n"+
		"Adelie,Dream,39.1,18.7,181,NA,M\n"+
		"Adelie,,39.1,18.7,181,3750,MALE\n"+
		"Adelie,Dream,40,20,180,4000,MALE\n", "--chunk", "64")
	got.Expect(t, cli.ExitWrong, []string{"rows     10: 1 counted, 9 rejected\n", "        1  island is empty ", "        2  sex is no sex   "}, []string{
		"in.csv:2: body_mass_g: \"heavy\" is not a number: write it as 39.1, with 3 digits behind the point at most\n",
		"in.csv:3: has too few fields, 6 where the header has 7: is a comma missing?\n",
		"in.csv:4: has too many fields, 8 where the header has 7: is a text with a comma not in quotes?\n",
		"in.csv:5: has a wrong quote: put the field in quotes as a whole, and write quotes in it twice\n",
		"in.csv:7: beak_depth_mm: \"-18.7\" is out of range: it has to be above 0, and 100000 at most\n",
		"in.csv:8: sex: \"M\" is no sex: write MALE, FEMALE or NA\n",
		"in.csv:9: species: \"Ad?lie\" is not UTF-8: save the file as UTF-8\n",
		"in.csv:10: sex: \"M\" is no sex",
	})
	many := runOn(t, header+strings.Repeat("Adelie\n", 1000)+strings.Repeat("x,y,z\n,,,,,,,,\n", 20))
	many.Expect(t, cli.ExitWrong, []string{"    1,020  has too few fields", "line 2, 3, 4, 5, 6, …\n"}, []string{"in.csv: 1,030 more rows have mistakes\n"})
}

// TestUnclosedQuote: without a bound, the quote would take all that follows into memory.
func TestUnclosedQuote(t *testing.T) {
	const row = "Adelie,Dream,40,20,180,4000,MALE\n"
	got := runOn(t, header+row+"Adelie,\"Dream,40,20,180,4000,MALE\n"+strings.Repeat(row, 10_000), "--chunk", "10")
	got.Expect(t, cli.ExitWrong, []string{"rows     1: 1 counted", "not written, as not all is counted\n"},
		[]string{"etl: in.csv: the rest is not read: line 3: a quote that is opened here is not closed within 64 KiB: close it\n"})
	got = runOn(t, header+strings.Repeat("x", 1<<20))
	got.Expect(t, cli.ExitWrong, nil, []string{"line 2: longer than 64 KiB: is this a CSV file?\n"})
}

func TestHeaders(t *testing.T) {
	for text, stderr := range map[string]string{
		"":                     "the file is empty: the first line has to name the columns",
		"\n":                   "the first line is empty: it has to name the columns",
		header[:len(header)-4]: "there is no column sex: add it, or rename the one that is meant; the header has species, island,",
		"bill," + strings.Replace(header, "sex", "sex,sex", 1): "the column sex stands there twice: take one away",
		strings.ReplaceAll(header, ",", ";"):                   "the columns are not separated by commas: save the file as CSV with commas",
		"Adelie,Dream,40,20,180,4000,MALE\n":                   "this is no header: the first line has to name the columns, species,island,",
		"\xff\xfes\x00":                                        "the file is UTF-16: save it as UTF-8",
		"spe\"cies,island\n":                                   "the header has a wrong quote: put names in quotes as a whole, or not at all",
		strings.Repeat("x", 1<<20):                             "longer than 64 KiB: is this a CSV file?",
	} {
		got := runOn(t, text)
		got.Expect(t, cli.ExitUsage, nil, []string{"etl: in.csv:1: " + stderr})
		if got.Stdout != "" || got.result != nil {
			t.Errorf("%q: wrote a result", text)
		}
	}
	runOn(t, header).Expect(t, cli.ExitDone, []string{"rows     0: 0 counted, 0 rejected\n", "0 groups in summary.csv\n"}, nil)
}

func TestCannotRun(t *testing.T) {
	for _, test := range []struct {
		args   []string
		stderr string
	}{
		{[]string{"--input", "nosuch.csv"}, "etl: nosuch.csv: there is no such file or folder\n"},
		{[]string{"--input", "testdata"}, "etl: testdata: is a folder, not a file\n"},
		{[]string{"--input", os.DevNull}, os.DevNull + ": parts of it are read one by one, so it has to be a regular file: save it as one first\n"},
		{[]string{"birds.csv"}, "etl: unexpected argument \"birds.csv\": a file is named with --input\n"},
		{[]string{"--stress", "5", "--input", "x"}, "--stress generates its own file: leave out --input"},
		{[]string{"--chunk", "0"}, "--chunk 0: need 1 to 1048576"},
		{[]string{"--window", "0"}, "--window and --lease are above 0"},
		{[]string{"--log-format", "xml"}, `log format "xml": need text or json`},
		{[]string{"--redis", "redis://127.0.0.1:1"}, "etl: redis cannot be reached: is redis-server running?"},
		{[]string{"--nosuch"}, "flag provided but not defined"},
	} {
		runArgs(t, test.args...).Expect(t, cli.ExitUsage, nil, []string{test.stderr})
	}
}

// TestOutputThatCannotBeWritten: the rows are shown, and the failure is told.
func TestOutputThatCannotBeWritten(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := runProgram(t.Context(), []string{"--output", "nosuch/summary.csv", "--log-level", "error"}, &stdout, &stderr)
	o := clitest.Outcome{Code: code, Stdout: stdout.String(), Stderr: stderr.String()}
	o.Expect(t, cli.ExitWrong, []string{"rows     344: ", "not written"}, []string{"etl: store gave up 1 events, the last after 3 attempts: nosuch/summary.csv: there is no such file or folder"})
}
