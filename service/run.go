package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/necrostack/necrogen/telemetry/logs"
)

// Run serves until ctx is done, or the process gets SIGTERM or an interrupt; then it drains, and returns nil. A second signal ends
// the process at once. Its other ends are errors: of the configuration ([ErrConfig]), of what ended it before it was told to stop, and of a
// drain that was cut short ([ErrCutShort]).
func Run(ctx context.Context, config Config) error {
	log, err := config.logger()
	defer logs.Flush(log)
	settings, err2 := readSettings(os.Getenv)
	if err := errors.Join(err, err2, checkEnvironment()); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	settings.logSettings(log, config.Backend != nil)
	p := &parts{config: &config, settings: settings, log: log}
	ctx, stopSignals := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stopSignals()
	defer context.AfterFunc(ctx, stopSignals)() // the next signal is that of the system again, which ends the process
	if err := p.build(ctx); err != nil {
		p.release()
		if ctx.Err() != nil { // it was told to stop, which is what most steps fail of
			log.Info("stopped before it had started", "err", err)
			return nil
		}
		return err
	}
	return errors.Join(p.serve(ctx), p.release())
}

// serve runs the organs and the servers until ctx is done or one of them ends, and drains.
func (p *parts) serve(ctx context.Context) error {
	organs, stopOrgans := context.WithCancel(context.WithoutCancel(ctx))
	defer stopOrgans()
	ended := make(chan error, 1)
	go func() { ended <- p.spine.Run(organs) }()
	p.servers.start()
	select {
	case err := <-ended: // before it was told to
		p.stopping.Store(true)
		return errors.Join(fmt.Errorf("the organs stopped: %w", err), p.public.endWithin(p.settings.grace))
	case err := <-p.servers.failed:
		p.stopping.Store(true)
		failed, cut := p.endWork(stopOrgans, ended)
		return errors.Join(err, failed, cut)
	case <-ctx.Done():
	}
	return p.drain(stopOrgans, ended)
}

// drain ends what runs, in the order of the package comment.
func (p *parts) drain(stopOrgans func(), ended <-chan error) error {
	p.stopping.Store(true)
	p.log.Info("stopping: the service is not ready any more", "delay", p.settings.drainDelay)
	time.Sleep(p.settings.drainDelay)
	err, cut := p.endWork(stopOrgans, ended)
	if cut != nil {
		err = errors.Join(err, fmt.Errorf("%w: %w", ErrCutShort, cut))
	}
	return err
}

// endWork ends the requests and then the organs, because requests still publish. err is that of the organs, and cut tells what did not
// end in time.
func (p *parts) endWork(stopOrgans func(), ended <-chan error) (err, cut error) {
	began := time.Now()
	cut = p.public.endWithin(p.settings.grace)
	p.log.Info("stopping: requests have ended", "after", time.Since(began).Round(time.Millisecond))
	before := p.spine.Stats().Abandoned
	p.graceEnds = time.Now().Add(p.settings.grace)
	stopOrgans()
	err = <-ended
	if n := p.spine.Stats().Abandoned - before; n > 0 {
		cut = errors.Join(cut, fmt.Errorf("%d handlers did not end within %s", n, p.settings.grace))
	}
	p.log.Info("stopped", "after", time.Since(began).Round(time.Millisecond))
	return err, cut
}

// release gives back what build has made, however far it came. Spans and pages share what the handlers left of their grace, and endTime
// at least. Spans that are not sent are no error of the service, which has done its work.
func (p *parts) release() error {
	ctx, cancel := context.WithTimeout(context.Background(), max(time.Until(p.graceEnds), endTime))
	defer cancel()
	var errs []error
	if p.spine != nil {
		errs = append(errs, p.spine.Close())
	}
	if flusher, ok := p.config.Traces.(interface{ ForceFlush(context.Context) error }); ok {
		if err := flusher.ForceFlush(ctx); err != nil {
			p.log.Warn("the last spans were not sent: look at the collector of traces", "err", err)
		}
	}
	if p.servers != nil {
		p.servers.close(ctx)
	}
	if p.opened {
		errs = append(errs, p.backend.Close())
	}
	return errors.Join(errs...)
}
