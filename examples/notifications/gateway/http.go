package gateway

import (
	"encoding/json"
	"net/http"
)

// longest is how many bytes a request may have.
const longest = 64 << 10

// httpHandler answers 202 to a message that it takes, and to a repeat.
func (g *Gateway) httpHandler() http.Handler {
	mux := http.NewServeMux()
	for _, channel := range []string{"sms", "push"} {
		mux.HandleFunc("POST /"+channel, func(w http.ResponseWriter, r *http.Request) { g.postMessage(w, r, channel) })
	}
	return mux
}

func (g *Gateway) postMessage(w http.ResponseWriter, r *http.Request, channel string) {
	m := Message{Channel: channel, Key: r.Header.Get("Idempotency-Key")}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longest)).Decode(&m)
	if err != nil || m.Key == "" || m.To == "" {
		http.Error(w, "need a JSON object with to and message, and a header Idempotency-Key", http.StatusBadRequest)
		return
	}
	switch g.judgeCall(&m) {
	case down:
		http.Error(w, "out of order", http.StatusServiceUnavailable)
	case busy:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many messages", http.StatusTooManyRequests)
	case lost:
		g.takeMessage(m)
		http.Error(w, "no answer from behind the gateway", http.StatusBadGateway)
	case refused:
		g.countRefusal()
		http.Error(w, m.To+" is blocked", http.StatusForbidden)
	default:
		if err := g.takeMessage(m); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}
}

func (g *Gateway) countRefusal() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counts.Refused++
}
