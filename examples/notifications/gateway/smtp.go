package gateway

import (
	"bytes"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
)

// serveMail takes connections until the listener is closed.
func (g *Gateway) serveMail() {
	for {
		conn, err := g.mails.Accept()
		if err != nil {
			return
		}
		if !g.enterConnection(conn) {
			conn.Close()
			return
		}
		g.running.Go(func() {
			defer g.leaveConnection(conn)
			newSession(g, conn).runSession()
		})
	}
}

// enterConnection enters a connection among those that Close cuts.
func (g *Gateway) enterConnection(conn net.Conn) (ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.sessions[conn] = true
	}
	return !g.closed
}

func (g *Gateway) leaveConnection(conn net.Conn) {
	conn.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sessions, conn)
}

// readMail reads a mail as it stands behind DATA. Its key is its Message-ID.
func readMail(data []byte) (m Message, err error) {
	letter, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return m, err
	}
	body := letter.Body
	if strings.EqualFold(letter.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	m = Message{
		Channel: "email", Key: letter.Header.Get("Message-ID"), Priority: letter.Header.Get("Importance"),
		Text: strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"),
	}
	if err == nil && m.Key == "" {
		err = fmt.Errorf("the mail has no Message-ID")
	}
	return m, err
}
