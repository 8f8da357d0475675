package pty

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// Patience is how long a program may take to show the expected text, or to end.
const Patience = 2 * time.Minute

// Keys that a terminal turns into something else.
const (
	ctrlC = "\x03" // an interrupt
	ctrlD = "\x04" // the end of the input, on an empty line
)

// Session is a program at a terminal. Its methods fail the test when the program does something else, and then
// show its output.
type Session struct {
	tb       testing.TB
	cmd      *exec.Cmd
	terminal *os.File // the keyboard and the screen
	ended    chan struct{}

	mu    sync.Mutex
	shown []byte
	news  chan struct{} // holds a token when more is shown, or the program has ended
	seen  int           // of the output, up to where Expect has read
}

// Start starts a command at a terminal of its own; its environment has TERM=xterm. What the
// command leaves running is killed when the test ends.
func Start(tb testing.TB, cmd *exec.Cmd) *Session {
	tb.Helper()
	cmd.Env = append(cmd.Environ(), "TERM=xterm")
	terminal := start(tb, cmd)
	s := &Session{tb: tb, cmd: cmd, terminal: terminal, ended: make(chan struct{}), news: make(chan struct{}, 1)}
	tb.Cleanup(func() {
		cmd.Process.Kill()
		<-s.ended
		terminal.Close()
	})
	go s.read()
	return s
}

// read takes in the output, until no process holds the terminal any more.
func (s *Session) read() {
	defer close(s.ended)
	for some := make([]byte, 4096); ; {
		n, err := s.terminal.Read(some)
		s.mu.Lock()
		s.shown = append(s.shown, some[:n]...)
		s.mu.Unlock()
		if err != nil {
			return
		}
		select {
		case s.news <- struct{}{}:
		default:
		}
	}
}

// Type types a line.
func (s *Session) Type(line string) { s.tb.Helper(); s.press(line + "\n") }

// CtrlC interrupts the program.
func (s *Session) CtrlC() { s.tb.Helper(); s.press(ctrlC) }

// CtrlD ends the input; it is to be pressed on an empty line.
func (s *Session) CtrlD() { s.tb.Helper(); s.press(ctrlD) }

func (s *Session) press(keys string) {
	s.tb.Helper()
	if _, err := s.terminal.WriteString(keys); err != nil {
		s.tb.Fatalf("type %q: %v; the session was\n%s", keys, err, s.Transcript())
	}
}

// Expect waits until some texts are shown, one behind the other, and behind the texts expected before. Typed
// text is shown, too.
func (s *Session) Expect(texts ...string) {
	s.tb.Helper()
	late := time.After(Patience)
	for _, text := range texts {
		for !s.advance(text) {
			select {
			case <-s.news:
			case <-s.ended:
				if !s.advance(text) {
					s.tb.Fatalf("ended without showing %q; the session was\n%s", text, s.Transcript())
				}
			case <-late:
				s.tb.Fatalf("did not show %q within %v; the session was\n%s", text, Patience, s.Transcript())
			}
		}
	}
}

// advance goes behind a text, if it is shown.
func (s *Session) advance(text string) bool {
	shown := s.Transcript()
	at := strings.Index(shown[s.seen:], text)
	if at < 0 {
		return false
	}
	s.seen += at + len(text)
	return true
}

// Transcript returns all that was shown, with plain line ends, and with the sequences that
// move the cursor.
func (s *Session) Transcript() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.ReplaceAll(string(s.shown), "\r\n", "\n")
}

// ExitCode waits until the program has ended; a signal that ended it counts as −1.
func (s *Session) ExitCode() int {
	s.tb.Helper()
	select {
	case <-s.ended:
	case <-time.After(Patience):
		s.tb.Fatalf("did not end within %v; the session was\n%s", Patience, s.Transcript())
	}
	s.cmd.Wait() // its error tells what the exit code tells
	return s.cmd.ProcessState.ExitCode()
}
