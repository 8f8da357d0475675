package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// WebGateway is a Sender that posts messages to a URL as JSON. The key goes into the header
// Idempotency-Key.
type WebGateway struct {
	Client *http.Client
	URL    string
}

// posted is the body of a request.
type posted struct {
	To       string   `json:"to"`
	Message  string   `json:"message"`
	Priority Priority `json:"priority"`
}

// Send posts a message.
func (g *WebGateway) Send(ctx context.Context, key necro.ID, d *Delivery) error {
	body, err := json.Marshal(posted{d.To, d.Message, d.Priority})
	if err != nil {
		return necro.Permanent(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL, bytes.NewReader(body))
	if err != nil {
		return necro.Permanent(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key.String())
	answer, err := g.Client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, longestAnswer))
	io.Copy(io.Discard, answer.Body) // a connection is used again when its answer was read
	return verdictOn(answer, strings.TrimSpace(string(said)))
}

// longestAnswer is how many bytes of an answer are read for an error.
const longestAnswer = 512

// verdictOn says what an answer means: taken, come again, maybe at a certain time, or a final no.
func verdictOn(answer *http.Response, said string) error {
	if answer.StatusCode/100 == 2 {
		return nil
	}
	err := fmt.Errorf("the gateway answered %s: %s", answer.Status, said)
	switch code := answer.StatusCode; {
	case code/100 == 5, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code == http.StatusTooEarly:
		if delay, ok := retryAfter(answer.Header.Get("Retry-After"), time.Now()); ok {
			return necro.RetryAfter(err, delay)
		}
		return err
	}
	return necro.Permanent(err)
}

// longestDelay bounds what a gateway may ask for.
const longestDelay = 10 * time.Minute

// retryAfter reads the header: seconds, or a date.
func retryAfter(text string, now time.Time) (delay time.Duration, ok bool) {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestDelay), true
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), longestDelay), true
	}
	return 0, false
}
