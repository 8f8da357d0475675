package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// MailServer is a Sender that speaks SMTP, with TLS where the server offers it. It keeps
// connections for the next mail. The key goes into the Message-ID, by which mail servers and
// readers know a repeat.
type MailServer struct {
	addr, from string
	idle       chan *connection
}

// connection is one to a mail server.
type connection struct {
	*smtp.Client
	net.Conn
}

// NewMailServer returns the server at addr, a host and a port. It connects with the first mail, and keeps at
// most so many idle connections.
func NewMailServer(addr, from string, idle int) *MailServer {
	return &MailServer{addr, from, make(chan *connection, idle)}
}

// Send sends a mail.
func (m *MailServer) Send(ctx context.Context, key necro.ID, d *Delivery) error {
	c, err := m.takeConnection(ctx)
	if err != nil {
		return fmt.Errorf("connect to the mail server: %w", verdictOf(err))
	}
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Now()) })
	err = c.deliverLetter(m.from, d, m.writeLetter(key, d, time.Now()))
	if !stop() || !hasAnswered(err) || m.keepConnection(c) != nil {
		c.Conn.Close()
	}
	if err != nil {
		return fmt.Errorf("send a mail to %s: %w", d.To, errors.Join(verdictOf(err), ctx.Err()))
	}
	return nil
}

// Close ends the idle connections.
func (m *MailServer) Close() error {
	for {
		select {
		case c := <-m.idle:
			c.Conn.Close()
		default:
			return nil
		}
	}
}

// takeConnection returns a connection that was kept and still lives, or a new one.
func (m *MailServer) takeConnection(ctx context.Context) (*connection, error) {
	deadline, _ := ctx.Deadline()
	for {
		select {
		case c := <-m.idle:
			c.SetDeadline(deadline)
			if c.Reset() == nil {
				return c, nil
			}
			c.Conn.Close()
		default:
			return m.dialServer(ctx, deadline)
		}
	}
}

func (m *MailServer) dialServer(ctx context.Context, deadline time.Time) (*connection, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.addr)
	if err != nil {
		return nil, err
	}
	conn.SetDeadline(deadline)
	host, _, _ := net.SplitHostPort(m.addr)
	client, err := smtp.NewClient(conn, host)
	if err == nil {
		if offered, _ := client.Extension("STARTTLS"); offered {
			err = client.StartTLS(&tls.Config{ServerName: host})
		}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &connection{client, conn}, nil
}

// keepConnection puts a connection back; without room for it that is an error.
func (m *MailServer) keepConnection(c *connection) error {
	select {
	case m.idle <- c:
		return nil
	default:
		return errors.New("enough connections are kept")
	}
}

func (c *connection) deliverLetter(from string, d *Delivery, letter []byte) error {
	if err := c.Mail(from); err != nil {
		return err
	}
	if err := c.Rcpt(d.To); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(letter); err != nil {
		return err
	}
	return w.Close()
}

// writeLetter returns a mail with its headers. A line of dots in it is the smtp package's business.
func (m *MailServer) writeLetter(key necro.ID, d *Delivery, now time.Time) []byte {
	var b bytes.Buffer
	_, host, _ := strings.Cut(m.from, "@")
	for _, header := range [][2]string{
		{"From", m.from},
		{"To", d.To},
		{"Subject", mime.QEncoding.Encode("utf-8", subjectOf(d.Message))},
		{"Date", now.Format(time.RFC1123Z)},
		{"Message-ID", "<" + key.String() + "@" + host + ">"},
		{"Importance", string(d.Priority)},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", header[0], header[1])
	}
	b.WriteString("\r\n")
	body := quotedprintable.NewWriter(&b)
	io.WriteString(body, strings.ReplaceAll(d.Message, "\n", "\r\n"))
	body.Close()
	return b.Bytes()
}

// longestSubject is in characters.
const longestSubject = 60

// subjectOf returns the first line of a message, or the beginning of that line.
func subjectOf(message string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	if letters := []rune(line); len(letters) > longestSubject {
		line = string(letters[:longestSubject]) + "…"
	}
	return strings.TrimSpace(line)
}

// hasAnswered reports whether the server has answered, though with a no: the connection is good.
func hasAnswered(err error) bool {
	no, ok := errors.AsType[*textproto.Error](err)
	return err == nil || ok && no.Code != codeClosing
}

// codeClosing is what a server says before it closes the connection.
const codeClosing = 421

// verdictOf marks a final no of a mail server, which is 5yz: 4yz is worth another attempt.
func verdictOf(err error) error {
	if no, ok := errors.AsType[*textproto.Error](err); ok && no.Code/100 == 5 {
		return necro.Permanent(err)
	}
	return err
}
