package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	necro "github.com/necrostack/necrogen/runtime"
)

// Bounds of what a client may send, in bytes.
const (
	maxBody = 64 << 10
	maxKey  = 255
)

// API takes payments over HTTP. Its spine has no organs: it publishes, and reads what the ledger keeps.
type API struct {
	publisher *necro.Spine
	log       *slog.Logger
}

// Handler routes requests.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /payments", a.postPayment)
	mux.HandleFunc("GET /accounts/{account}", a.getBalance)
	mux.HandleFunc("GET /healthz", a.getHealth)
	return mux
}

// keyLife is how long a payment is not booked again that comes with the same Idempotency-Key.
const keyLife = 24 * time.Hour

// postPayment publishes a payment, and answers with its id before it is booked.
func (a *API) postPayment(w http.ResponseWriter, r *http.Request) {
	id, err := eventID(r)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	p := new(PaymentRequested)
	if err := readJSON(w, r, p); err != nil {
		status := http.StatusBadRequest
		if errors.As(err, new(*http.MaxBytesError)) {
			status = http.StatusRequestEntityTooLarge
		}
		writeError(w, status, err.Error())
		return
	}
	if err := a.publisher.Publish(r.Context(), p, necro.WithIDFor(id, keyLife)); err != nil {
		a.refusePayment(w, r, err)
		return
	}
	writeReply(w, http.StatusAccepted, map[string]any{"id": id})
}

// eventID turns the Idempotency-Key into the event's id, so that a request which is sent
// again is stored once. A key that is a UUID is the id; where keys of several customers
// meet, hash the customer's name along. Without a key every request is a new payment.
func eventID(r *http.Request) (necro.ID, error) {
	key := r.Header.Get("Idempotency-Key")
	switch {
	case key == "":
		return necro.NewID(), nil
	case len(key) > maxKey:
		return necro.ID{}, fmt.Errorf("Idempotency-Key is longer than %d bytes", maxKey)
	}
	if id, err := necro.ParseID(key); err == nil && !id.IsZero() {
		return id, nil
	}
	return necro.IDOf(key), nil
}

// readJSON reads a body that is one JSON object, with known fields only.
func readJSON(w http.ResponseWriter, r *http.Request, to any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return fmt.Errorf("read the payment: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("read the payment: something follows it")
	}
	return nil
}

// refusePayment answers a request whose payment was not published. But for a payment that breaks
// the rules, the client may send it again under the same key: it is stored once.
func (a *API) refusePayment(w http.ResponseWriter, r *http.Request, err error) {
	if invalid, ok := errors.AsType[*necro.ValidationError](err); ok {
		writeReply(w, http.StatusUnprocessableEntity, map[string]any{"error": "the payment is invalid", "violations": listViolations(invalid)})
		return
	}
	message := "the payment may not be stored: send it again with the same Idempotency-Key"
	if errors.Is(err, necro.ErrFull) {
		message = "too many payments wait: send it again later"
	} else {
		a.log.ErrorContext(r.Context(), "publish", "error", err)
	}
	w.Header().Set("Retry-After", "1")
	writeError(w, http.StatusServiceUnavailable, message)
}

// violation is a rule that a payment breaks, as clients see it.
type violation struct {
	Path    string `json:"path"`
	Rule    string `json:"rule"`
	Param   string `json:"param,omitempty"`
	Message string `json:"message"`
}

func listViolations(invalid *necro.ValidationError) []violation {
	list := make([]violation, len(invalid.Violations))
	for i, v := range invalid.Violations {
		list[i] = violation(v)
	}
	return list
}

func (a *API) getBalance(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("account")
	account, found, err := necro.Load[Account](r.Context(), a.publisher, name)
	switch {
	case err != nil:
		a.log.ErrorContext(r.Context(), "load an account", "error", err)
		writeError(w, http.StatusServiceUnavailable, "the account cannot be read now: ask again later")
	case !found:
		writeError(w, http.StatusNotFound, "there is no such account")
	default:
		writeReply(w, http.StatusOK, map[string]any{"account": name, "cents": account.Cents})
	}
}

func (a *API) getHealth(w http.ResponseWriter, r *http.Request) {
	if err := a.publisher.Health(r.Context()).Err; err != nil {
		writeError(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	writeReply(w, http.StatusOK, map[string]any{"status": "ok"})
}

func writeError(w http.ResponseWriter, status int, message string) {
	writeReply(w, status, map[string]any{"error": message})
}

func writeReply(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}
