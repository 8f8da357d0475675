package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// shutdownTime is how long requests and payments under way may take at the end.
const shutdownTime = 10 * time.Second

// service is the API and, on the same backend, the organ that does the work. With a
// backend that outlives a process they can be two programs.
type service struct {
	api     *API
	worker  *necro.Spine
	lasting bool // stored events outlive this process
}

func newService(ctx context.Context, backend necro.Backend, log *slog.Logger) (*service, error) {
	publisher, err := necro.New(backend, necro.WithLogger(log))
	if err != nil {
		return nil, err
	}
	worker, err := necro.New(backend, necro.WithLogger(log), necro.WithOrgans(&Ledger{}))
	if err != nil {
		return nil, err
	}
	lasting := backend.Health(ctx).Durability != ""
	return &service{&API{publisher, log}, worker, lasting}, nil
}

// serveRequests answers requests until ctx ends. Then it takes no more of them, finishes those
// under way, and books every payment that it said 202 to, unless these wait for the next start.
func (s *service) serveRequests(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:           s.api.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       time.Minute,
	}
	lasting := context.WithoutCancel(ctx)
	running, stopWorker := context.WithCancel(lasting)
	defer stopWorker()
	served, worked := make(chan error, 1), make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	go func() { worked <- s.worker.Run(running) }()

	var err error
	select {
	case <-ctx.Done():
	case err = <-served:
	case err = <-worked:
		worked <- nil
	}
	ending, cancel := context.WithTimeout(lasting, shutdownTime)
	defer cancel()
	err = errors.Join(err, server.Shutdown(ending))
	stopWorker()
	err = errors.Join(err, <-worked)
	if s.lasting {
		return err
	}
	if _, drainErr := s.worker.Drain(ending); drainErr != nil {
		err = errors.Join(err, fmt.Errorf("book what is left: %w", drainErr))
	}
	return err
}
