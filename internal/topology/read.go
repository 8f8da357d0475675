package topology

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// maxFile bounds a file, and with it what reading one takes.
const maxFile = 16 << 20

// Open reads the file of a release.
func Open(path string) (*File, error) {
	f := new(File)
	return f, open(path, f, f.check)
}

// OpenSnapshot reads the file of a snapshot.
func OpenSnapshot(path string) (*Snapshot, error) {
	s := new(Snapshot)
	return s, open(path, s, s.check)
}

// open reads a file into v. The file may come from anybody.
func open(path string, v any, check func() error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err = readJSON(file, v); err == nil {
		err = check()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// readJSON reads one value, and wants nothing behind it. Package json bounds how deep it is.
func readJSON(r io.Reader, v any) error {
	content, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return err
	}
	if len(content) > maxFile {
		return fmt.Errorf("it has more than %d MiB", maxFile>>20)
	}
	var typeError *json.UnmarshalTypeError
	switch err = json.Unmarshal(content, v); {
	case errors.As(err, &typeError):
		return fmt.Errorf("at byte %d, field %s: a %s is out of place", typeError.Offset, typeError.Field, typeError.Value)
	case err != nil:
		return fmt.Errorf("it is no JSON of ours: %w", err)
	}
	return nil
}

// checkHead refuses a file of another kind or form.
func checkHead(kind, wantKind string, format, wantFormat int) error {
	switch {
	case kind != wantKind:
		return fmt.Errorf("its kind is %.40q, need %q", kind, wantKind)
	case format != wantFormat:
		return fmt.Errorf("its format is %d, and this necroctl knows %d", format, wantFormat)
	}
	return nil
}

// writeJSON writes a value as a file, which readJSON takes.
func writeJSON(w io.Writer, v any) error {
	var b limited
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(b.content)
	return err
}

// limited is a buffer that takes no more than a file may have.
type limited struct{ content []byte }

func (l *limited) Write(b []byte) (int, error) {
	if len(l.content)+len(b) > maxFile {
		return 0, fmt.Errorf("the file would have more than %d MiB", maxFile>>20)
	}
	l.content = append(l.content, b...)
	return len(b), nil
}

func utcOf(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }
