package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// askServer sends a command to a server on a connection of its own, and returns the reply as it came.
func askServer(addr, command string) (string, error) {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return "", err
	}
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		return "", err
	}
	reply, err := readFrame(bufio.NewReader(conn))
	if err == nil && reply[0] == '-' {
		err = errors.New(string(reply[1 : len(reply)-2]))
	}
	return string(reply), err
}

// readFrame reads the bytes of one whole command or reply, with all that it is made of.
func readFrame(r *bufio.Reader) ([]byte, error) {
	var frame []byte
	for parts := 1; parts > 0; parts-- {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		frame = append(frame, line...)
		text, more, err := announcedParts(line)
		if err != nil {
			return nil, err
		}
		parts += more
		begin := len(frame)
		frame = append(frame, make([]byte, text)...)
		if _, err := io.ReadFull(r, frame[begin:]); err != nil {
			return nil, err
		}
	}
	return frame, nil
}

// longest is the length of a text that redis takes by default.
const longest = 512 << 20

// announcedParts tells how a reply goes on behind a line: with so many bytes of text, or so many parts.
func announcedParts(line []byte) (text, parts int, err error) {
	kind, digits := line[0], line[1:max(1, len(line)-len("\r\n"))]
	switch kind {
	case '$', '=', '!', '*', '~', '>', '%', '|':
	default:
		return 0, 0, nil // the line is all
	}
	n, err := strconv.Atoi(string(digits))
	if err != nil || n > longest {
		return 0, 0, fmt.Errorf("not the protocol of redis: %q", line)
	}
	switch {
	case n < 0: // the null of RESP2
		return 0, 0, nil
	case kind == '%':
		return 0, 2 * n, nil
	case kind == '|': // attributes, and then the value that has them
		return 0, 2*n + 1, nil
	case kind == '*', kind == '~', kind == '>':
		return 0, n, nil
	}
	return n + len("\r\n"), 0, nil
}
