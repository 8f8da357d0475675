package main

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/necrostack/necrogen/examples/notifications/gateway"
)

// connections is how many connections to each of them are kept.
const connections = 16

// world is what the channels talk to.
type world struct {
	mail      *MailServer
	sms, push *WebGateway
	transport *http.Transport
	builtin   *gateway.Gateway // nil when no organ talks to it
	repair    *time.Timer      // ends --down
}

// newWorld connects the channels with what the options name, and with the built-in gateway where
// they name nothing.
func newWorld(o *options) (*world, error) {
	w := &world{transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	server, url := o.smtp, strings.TrimRight(o.gateway, "/")
	if server == "" || url == "" {
		var err error
		w.builtin, err = gateway.Start(gateway.Options{
			Seed: o.seed, Failures: o.failures, Latency: o.latency, Blocked: o.blocked, Keep: o.keep,
		})
		if err != nil {
			return nil, err
		}
		server, url = cmp.Or(server, w.builtin.MailAddr()), cmp.Or(url, w.builtin.URL())
	}
	if w.builtin != nil && o.down > 0 {
		w.builtin.SetDown(true)
		w.repair = time.AfterFunc(o.down, func() { w.builtin.SetDown(false) })
	}
	client := &http.Client{Transport: w.transport}
	w.mail = NewMailServer(server, o.from, connections)
	w.sms, w.push = &WebGateway{client, url + "/sms"}, &WebGateway{client, url + "/push"}
	return w, nil
}

// Close ends all connections.
func (w *world) Close() error {
	w.transport.CloseIdleConnections()
	err := w.mail.Close()
	if w.repair != nil {
		w.repair.Stop()
	}
	if w.builtin != nil {
		err = errors.Join(err, w.builtin.Close())
	}
	return err
}
