package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds of servers, so that slow or silent clients hold little.
const (
	headerTime  = 10 * time.Second
	idleTime    = 2 * time.Minute
	headerBytes = 64 << 10
	// endTime is what the last spans, probes and pages have together, at least, when everything else has ended.
	endTime = 2 * time.Second
)

// server is a part that listens.
type server struct {
	name string
	http *http.Server
	l    net.Listener
}

// servers are those of one service. They are made before the organs run, so that an address that is taken ends the start. The
// goroutine of Run has them.
type servers struct {
	log     *slog.Logger
	list    []*server
	started int        // of list, from its start
	failed  chan error // the first server that ended by itself
	serving sync.WaitGroup
}

func newServers(log *slog.Logger) *servers { return &servers{log: log, failed: make(chan error, 1)} }

// listen opens the address of a part, unless the address is empty. The caller starts it.
func (s *servers) listen(name, addr string, h http.Handler) (*server, error) {
	if addr == "" || h == nil || isOff(h) {
		return nil, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", name, err)
	}
	made := &server{name, &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}, l}
	s.list = append(s.list, made)
	return made, nil
}

// start serves what listens by now.
func (s *servers) start() {
	waiting := s.list[s.started:]
	s.started = len(s.list)
	for _, one := range waiting {
		s.log.Info("listening", "part", one.name, "addr", one.l.Addr().String())
		s.serving.Go(func() {
			if err := one.http.Serve(one.l); !errors.Is(err, http.ErrServerClosed) {
				s.fail(fmt.Errorf("serve %s: %w", one.name, err))
			}
		})
	}
}

// fail notes that a server ended by itself; the first counts.
func (s *servers) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// endWithin lets the requests of a server end, and cuts them off when the time is over.
func (one *server) endWithin(d time.Duration) error {
	if one == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	if one.end(ctx) != nil {
		return fmt.Errorf("requests to %s were cut off after %s", one.name, d)
	}
	return nil
}

// end lets the requests of a server end, and cuts them off when ctx is done.
func (one *server) end(ctx context.Context) error {
	err := one.http.Shutdown(ctx)
	if err != nil {
		one.http.Close()
	}
	return err
}

// close ends all servers, those too that were never started. Requests that last when ctx is done are cut off.
func (s *servers) close(ctx context.Context) {
	for _, one := range s.list {
		if one.end(ctx) != nil {
			s.log.Warn("requests were cut off", "part", one.name)
		}
		one.l.Close() // of a server that has not served
	}
	s.serving.Wait()
}
