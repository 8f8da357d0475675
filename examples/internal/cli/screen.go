package cli

import (
	"io"
	"sync"
)

// wipe takes away the text on the line of the cursor.
const wipe = "\r\x1b[K"

// Screen is a terminal with a line at the bottom that stays there: a progress bar, or a prompt. Written text,
// log lines above all, goes above that line. It is safe for concurrent use. Where there is no terminal, written
// text is passed on as it is.
type Screen struct {
	out io.Writer

	mu     sync.Mutex
	bottom string // what the bottom line is
	drawn  bool   // it is to be seen
	open   bool   // the last written text did not end its line
}

// NewScreen returns a screen on the terminal w, or w itself when it is one already.
func NewScreen(w io.Writer) *Screen {
	if s, ok := w.(*Screen); ok {
		return s
	}
	return &Screen{out: w}
}

// Write writes above the bottom line.
func (s *Screen) Write(p []byte) (int, error) { return s.writeAbove(s.out, p) }

// Above returns a writer to w that keeps clear of the bottom line: standard output, when the
// screen is that of standard error. Both may be the same terminal.
func (s *Screen) Above(w io.Writer) io.Writer { return above{s, w} }

type above struct {
	screen *Screen
	io.Writer
}

func (a above) Write(p []byte) (int, error) { return a.screen.writeAbove(a.Writer, p) }

func (s *Screen) writeAbove(w io.Writer, p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clearBar()
	n, err := w.Write(p)
	if n > 0 {
		s.open = p[n-1] != '\n'
	}
	s.drawBar()
	return n, err
}

// setBottom changes the bottom line; an empty one is none.
func (s *Screen) setBottom(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clearBar()
	s.bottom = line
	s.drawBar()
}

// endBottom leaves the bottom line where it stands; later text goes below it.
func (s *Screen) endBottom() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drawn {
		io.WriteString(s.out, "\n")
	}
	s.bottom, s.drawn = "", false
}

func (s *Screen) clearBar() {
	if s.drawn {
		io.WriteString(s.out, wipe)
		s.drawn = false
	}
}

func (s *Screen) drawBar() {
	if s.bottom != "" && !s.open {
		io.WriteString(s.out, s.bottom)
		s.drawn = true
	}
}
