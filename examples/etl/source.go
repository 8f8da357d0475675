package main

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/necrostack/necrogen/examples/internal/cli"
)

//go:embed testdata/penguins.csv
var penguins []byte

// source is the file that is read, opened, with its header.
type source struct {
	name string // as the user knows it
	Input
	layout Layout
	file   *os.File
	plan   *planner // behind the header
	body   int64    // where the rows begin
	remove string   // a folder that ends with the source
}

// openSource opens the input, or writes one to a temporary folder: chunks are parts of files.
func openSource(o *options, generate func(io.Writer) error) (*source, error) {
	s := &source{name: o.input}
	path := o.input
	if path == "" {
		var err error
		if s.remove, err = os.MkdirTemp("", "etl"); err != nil {
			return nil, err
		}
		path, s.name = filepath.Join(s.remove, "penguins.csv"), "penguins.csv"
		if err := generateFile(path, generate); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	if err := s.openFile(path, o.chunk); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func generateFile(path string, generate func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return cli.FileError(path, err)
	}
	if err := errors.Join(generate(f), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (s *source) openFile(path string, chunk int64) (err error) {
	if s.file, err = cli.OpenFile(path); err != nil {
		return err
	}
	info, err := s.file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: parts of it are read one by one, so it has to be a regular file: save it as one first", s.name)
	}
	if err != nil {
		return err
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	s.Input = Input{File: path, Size: info.Size(), Modified: info.ModTime().UnixNano(), Chunk: chunk}
	// Rows appended from now on are not read.
	s.plan = newPlanner(io.NewSectionReader(s.file, 0, s.Size))
	if err := s.readHeader(); err != nil {
		return fmt.Errorf("%s:1: %w", s.name, err)
	}
	return nil
}

// readHeader reads the first record.
func (s *source) readHeader() error {
	err := s.plan.skipRecord()
	if err == io.EOF {
		return errors.New("the file is empty: the first line has to name the columns")
	}
	if err != nil {
		return err
	}
	s.body = s.plan.at
	text := make([]byte, s.body)
	if _, err := s.file.ReadAt(text, 0); err != nil {
		return err
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return errors.New("the file is UTF-16: save it as UTF-8")
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // what some spreadsheets begin a file with
	names, err := csv.NewReader(bytes.NewReader(text)).Read()
	if err == io.EOF {
		return errors.New("the first line is empty: it has to name the columns")
	}
	if err != nil {
		return errors.New("the header has a wrong quote: put names in quotes as a whole, or not at all")
	}
	s.layout, err = newLayout(names)
	return err
}

func (s *source) close() error {
	var err error
	if s.file != nil {
		err = s.file.Close()
	}
	if s.remove != "" {
		err = errors.Join(err, os.RemoveAll(s.remove))
	}
	return err
}
