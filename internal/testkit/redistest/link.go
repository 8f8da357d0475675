package redistest

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// link is one connection through a proxy.
type link struct {
	proxy *Proxy
	ctx   context.Context // ends when the link is cut
	cut   context.CancelFunc
	ended chan struct{} // closed when both connections are

	frozen atomic.Bool // nothing passes any more

	client, server net.Conn

	mu    sync.Mutex
	asked []string // the commands whose replies have not come yet
}

func newLink(p *Proxy, client net.Conn) *link {
	l := &link{proxy: p, client: client, ended: make(chan struct{})}
	l.ctx, l.cut = context.WithCancel(context.Background())
	return l
}

// passBytes passes on the bytes of each side, until one side ends or the link is cut.
func (l *link) passBytes() {
	defer close(l.ended)
	defer l.proxy.forgetLink(l)
	defer l.cut()
	defer l.client.Close()
	var err error
	if l.server, err = new(net.Dialer).DialContext(l.ctx, "tcp", l.proxy.target); err != nil {
		return
	}
	defer l.server.Close()
	var pumps sync.WaitGroup
	l.startPump(&pumps, toServer, l.server, l.client, l.noteCommand)
	l.startPump(&pumps, toClient, l.client, l.server, l.passesReply)
	<-l.ctx.Done()
	l.client.Close() // before the wait: this is what ends the pumps
	l.server.Close()
	pumps.Wait()
}

// packet is a command or a reply on its way.
type packet struct {
	frame []byte
	due   time.Time
}

// startPump starts the goroutines of one direction. It ends before the first frame that pass
// refuses, and then cuts the link.
func (l *link) startPump(pumps *sync.WaitGroup, direction int, to, from net.Conn, pass func([]byte) bool) {
	queue := make(chan packet, 64)
	pumps.Go(func() {
		defer close(queue)
		l.readPackets(from, pass, queue)
	})
	pumps.Go(func() {
		defer l.cut()
		l.writePackets(direction, to, queue)
	})
}

func (l *link) readPackets(from net.Conn, pass func([]byte) bool, queue chan<- packet) {
	r := bufio.NewReader(from)
	for {
		frame, err := readFrame(r)
		if err != nil || !pass(frame) {
			return
		}
		select {
		case queue <- packet{frame, l.proxy.dueTime()}:
		case <-l.ctx.Done():
			return
		}
	}
}

// writePackets writes the packets when they are due, and together when they come together. It
// returns at the end of the queue, or when the link is cut.
func (l *link) writePackets(direction int, to net.Conn, queue <-chan packet) {
	w := bufio.NewWriter(to)
	for p := range queue {
		if !l.awaitDue(w, p.due) {
			return
		}
		if !l.awaitThaw() {
			return
		}
		for piece := range slices.Chunk(p.frame, 16<<10) {
			if !l.awaitDue(w, l.proxy.passTime(direction, len(piece))) {
				return
			}
			w.Write(piece) // the writer keeps its error
		}
		if len(queue) > 0 {
			continue
		}
		if w.Flush() != nil {
			return
		}
	}
}

// awaitDue waits, and first writes the bytes that came before. It reports whether the link is still there.
func (l *link) awaitDue(w *bufio.Writer, until time.Time) bool {
	wait := time.Until(until)
	if wait <= 0 {
		return true
	}
	w.Flush() // the writer keeps its error
	select {
	case <-time.After(wait):
		return true
	case <-l.ctx.Done():
		return false
	}
}

// noteCommand notes a command that the client sends.
func (l *link) noteCommand(frame []byte) bool {
	if name := commandName(frame); name != "" {
		l.mu.Lock()
		l.asked = append(l.asked, name)
		l.mu.Unlock()
	}
	return true
}

// passesReply decides whether a reply is passed on. What a server sends unasked always is.
func (l *link) passesReply(frame []byte) bool {
	if frame[0] == '>' {
		return true
	}
	l.mu.Lock()
	command := ""
	if len(l.asked) > 0 {
		command, l.asked = l.asked[0], l.asked[1:]
	}
	l.mu.Unlock()
	return !l.proxy.dropsReply(command)
}

// commandName returns the name of a command: of an array, the first text; of a line, the first
// word. It is empty for an empty command, which gets no reply.
func commandName(frame []byte) string {
	if frame[0] == '*' {
		if lines := bytes.SplitN(frame, []byte("\r\n"), 4); len(lines) == 4 {
			return strings.ToUpper(string(lines[2]))
		}
		return ""
	}
	word, _, _ := bytes.Cut(bytes.TrimSpace(frame), []byte(" "))
	return strings.ToUpper(string(word))
}
