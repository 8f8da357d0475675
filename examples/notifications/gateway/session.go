package gateway

import (
	"bufio"
	"io"
	"net"
	"net/textproto"
	"strings"
	"time"
)

// silence is how long a client may say nothing.
const silence = 5 * time.Minute

// session is one connection to the mail server: RFC 5321, without extensions.
type session struct {
	g    *Gateway
	conn net.Conn
	text *textproto.Conn
	from bool // MAIL was said
	to   string
}

func newSession(g *Gateway, conn net.Conn) *session {
	return &session{g: g, conn: conn, text: textproto.NewConn(conn)}
}

// runSession greets, and answers commands until one of both sides ends it.
func (s *session) runSession() {
	if s.g.isDown() {
		s.g.countFault(down)
		s.sendLine("421 the mail server is out of order")
		return
	}
	for ok := s.sendLine("220 localhost, at your service"); ok; {
		s.conn.SetReadDeadline(time.Now().Add(silence))
		line, err := s.text.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		ok = s.answerCommand(strings.ToUpper(verb), rest)
	}
}

func (s *session) sendLine(line string) (ok bool) { return s.text.PrintfLine("%s", line) == nil }

// answerCommand answers a command, and reports whether the session goes on.
func (s *session) answerCommand(verb, rest string) bool {
	switch verb {
	case "HELO", "EHLO", "RSET":
		s.from, s.to = false, ""
		return s.sendLine("250 fine")
	case "NOOP":
		return s.sendLine("250 fine")
	case "MAIL":
		s.from, s.to = true, ""
		return s.sendLine("250 fine")
	case "RCPT":
		return s.sendLine(s.addRecipient(parseAddress(rest)))
	case "DATA":
		return s.readMail()
	case "QUIT":
		s.sendLine("221 bye")
		return false
	}
	return s.sendLine("502 I do not know " + verb)
}

// parseAddress returns the text between < and >.
func parseAddress(text string) string {
	_, text, _ = strings.Cut(text, "<")
	text, _, _ = strings.Cut(text, ">")
	return text
}

func (s *session) addRecipient(to string) string {
	switch {
	case !s.from || to == "":
		return "503 first MAIL FROM:<address>, then RCPT TO:<address>"
	case s.to != "":
		return "452 one recipient at a time"
	}
	s.to = to
	return "250 fine"
}

// readMail takes in a mail. A fault is told behind the mail, because only then its sender is known.
func (s *session) readMail() bool {
	if s.to == "" {
		return s.sendLine("503 first RCPT TO:<address>")
	}
	if !s.sendLine("354 go on, and end with a dot") {
		return false
	}
	data, err := io.ReadAll(bufio.NewReader(io.LimitReader(s.text.DotReader(), longest)))
	if err != nil {
		return false
	}
	m, err := readMail(data)
	if err != nil {
		return s.sendLine("554 " + strings.ReplaceAll(err.Error(), "\n", " "))
	}
	m.To, s.to, s.from = s.to, "", false
	return s.sendLine(s.deliverMail(m))
}

func (s *session) deliverMail(m Message) string {
	switch s.g.judgeCall(&m) {
	case down:
		return "451 the mail server is out of order"
	case busy:
		return "450 too many mails"
	case lost:
		s.g.takeMessage(m)
		return "451 no answer from the mailbox"
	case refused:
		s.g.countRefusal()
		return "550 " + m.To + " is blocked"
	}
	if err := s.g.takeMessage(m); err != nil {
		return "451 " + strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return "250 taken"
}
