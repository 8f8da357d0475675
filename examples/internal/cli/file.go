package cli

import (
	"errors"
	"fmt"
	"os"
)

// OpenFile opens a file to be read. Its error names the cause in plain words.
func OpenFile(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, FileError(name, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("is a folder, not a file")
	}
	if err != nil {
		f.Close()
		return nil, FileError(name, err)
	}
	return f, nil
}

// FileError says in plain words why a file cannot be used.
func FileError(name string, err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s: there is no such file or folder", name)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%s: you may not use this file", name)
	}
	return fmt.Errorf("%s: %w", name, err)
}
