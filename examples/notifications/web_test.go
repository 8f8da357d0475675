package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/runtime/contract"
	"github.com/necrostack/necrogen/runtime/necrotest"
)

// TestWebGateway speaks HTTP to a server that answers each code: what is sent, and what becomes
// of the delivery.
func TestWebGateway(t *testing.T) {
	var got *http.Request
	var body posted
	status, header := 0, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, body = r, posted{}
		json.NewDecoder(r.Body).Decode(&body)
		if header != "" {
			w.Header().Set("Retry-After", header)
		}
		http.Error(w, "says the gateway\n", status)
	}))
	defer server.Close()
	gateway, key := &WebGateway{server.Client(), server.URL + "/sms"}, necro.NewID()
	for _, test := range []struct {
		status     int
		retryAfter string
		sent       bool
		final      bool
	}{
		{200, "", true, false}, {202, "", true, false},
		{400, "", false, true}, {403, "", false, true}, {410, "5", false, true},
		{408, "", false, false}, {425, "", false, false}, {429, "7", false, false},
		{500, "", false, false}, {502, "0", false, false}, {503, "later", false, false},
	} {
		status, header = test.status, test.retryAfter
		err := gateway.Send(t.Context(), key, &sms(1).Delivery)
		if (err == nil) != test.sent || isPermanent(t, err) != test.final {
			t.Errorf("%d: %v", test.status, err)
		}
		if err != nil && !strings.Contains(err.Error(), "says the gateway") {
			t.Errorf("%d: the error does not tell what the gateway said: %v", test.status, err)
		}
		if body != (posted{"+15550100001", "Hello", Normal}) || got.Method != "POST" || got.URL.Path != "/sms" ||
			got.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %s %s %v", got.Method, got.URL, body)
		}
		if got.Header.Get("Idempotency-Key") != key.String() {
			t.Errorf("Idempotency-Key %q, want %s", got.Header.Get("Idempotency-Key"), key)
		}
	}
}

// isPermanent asks a spine whether an error is final.
func isPermanent(t *testing.T, err error) (final bool) {
	t.Helper()
	if err == nil {
		return false
	}
	necrotest.Run(t, func(t *testing.T, k *necrotest.Kit) {
		k.Publish(sms(1))
		k.Drain()
		final = k.DeadLetters("sms")[0].Reason == contract.ReasonPermanent
	}, necro.WithOrgans(&SMSChannel{failing{err}}), necro.WithPolicy("sms", necro.Retry(2)))
	return final
}

func TestRetryAfterHeader(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"0": 0, "7": 7 * time.Second, "86400": longestDelay, "": -1, "soon": -1, "-3": -1, "99999999999": -1,
		"Sun, 01 Mar 2026 12:00:30 GMT": 30 * time.Second, "Sun, 01 Mar 2026 11:00:00 GMT": 0, "Mon, 02 Mar 2026 12:00:00 GMT": longestDelay,
	} {
		got, ok := retryAfter(text, now)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %s, %t, want %s", text, got, ok, want)
		}
	}
}

// TestWebGatewayIsAway: nobody listens, so that it is worth another attempt.
func TestWebGatewayIsAway(t *testing.T) {
	gateway := &WebGateway{http.DefaultClient, "http://127.0.0.1:1/sms"}
	if err := gateway.Send(t.Context(), necro.NewID(), &sms(1).Delivery); err == nil || isPermanent(t, err) {
		t.Errorf("fails with %v, want what a retry may mend", err)
	}
}
