package synthetic

const goMod = `module example.com/synthetic

go 1.26.0

require github.com/necrostack/necrogen v0.0.0

replace github.com/necrostack/necrogen => REPOSITORY
`

const mainGo = `package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"

IMPORTS
	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
)

// Audit writes down every event.
//
//necro:organ exclusive order=strict
type Audit struct{ log *slog.Logger }

// Note writes down one event.
//
//necro:handle
func (a *Audit) Note(ctx context.Context, e necro.Event) error {
	a.log.InfoContext(ctx, "event", "name", e.NecroEvent().Name)
	return nil
}

func organs() []necro.Organ {
	return []necro.Organ{
		&Audit{slog.Default()},
ORGANS
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	spine, err := necro.New(memory.New(), necro.WithOrgans(organs()...))
	if err == nil {
		err = spine.Run(ctx)
	}
	if err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}
`

// first is the event that the chain of all packages begins with.
const first = `package STEP

// Ordered comes from outside.
//
//necro:event
type Ordered struct {
	OrderID string  ` + "`msgpack:\"order_id\" validate:\"required,uuid\"`" + `
	Email   string  ` + "`msgpack:\"email\" validate:\"required,email\"`" + `
	Amount  float64 ` + "`msgpack:\"amount\" validate:\"gt=0\"`" + `
}
`

// packageFiles are the files of one package. STEP is its name, EVENT its event, TAKEN the event
// that it takes, IMPORT the package of that, and OUTPUT a flag.
var packageFiles = map[string]string{
	"events.go": `// Package STEP is one step of many.
package STEP

import "time"

// EVENT tells that this step is done.
//
//necro:event STEP.DONE key=OrderIDOUTPUT
type EVENT struct {
	OrderID  string            ` + "`msgpack:\"order_id\" validate:\"required,uuid\"`" + `
	Email    string            ` + "`msgpack:\"email\" validate:\"required,email\"`" + `
	Amount   float64           ` + "`msgpack:\"amount\" validate:\"gt=0\"`" + `
	Side     Side              ` + "`msgpack:\"side\" validate:\"gte=0\"`" + `
	Lines    []Line            ` + "`msgpack:\"lines\" validate:\"dive\"`" + `
	Labels   map[string]string ` + "`msgpack:\"labels\"`" + `
	PlacedAt time.Time         ` + "`msgpack:\"placed_at\"`" + `
	Wait     time.Duration     ` + "`msgpack:\"wait\"`" + `
}

// Line is one article.
type Line struct {
	SKU      string  ` + "`msgpack:\"sku\" validate:\"required\"`" + `
	Quantity int     ` + "`msgpack:\"quantity\" validate:\"min=1\"`" + `
	Price    float64 ` + "`msgpack:\"price\"`" + `
}

// Side is what stringer is for.
type Side int

const (
	Neither Side = iota
	Buy
	Sell
)
`,
	"worker.go": `package STEP

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
IMPORT)

// Worker does the work of this step.
//
//necro:organ retry=5 backoff=100ms..30s timeout=2s
type Worker struct {
	client *http.Client
	db     *sql.DB
}

// Work tells the world, and notes it.
//
//necro:handle
func (w *Worker) Work(ctx context.Context, taken TAKEN) (*EVENT, error) {
	body, err := json.Marshal(taken)
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://example.com/STEP", strings.NewReader(string(body)))
	if err != nil {
		return nil, fmt.Errorf("asking: %w", err)
	}
	reply, err := w.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking: %w", err)
	}
	defer reply.Body.Close()
	if _, err := w.db.ExecContext(ctx, "INSERT INTO done (id) VALUES (?)", taken.OrderID); err != nil {
		return nil, fmt.Errorf("noting: %w", err)
	}
	return &EVENT{OrderID: taken.OrderID, Email: taken.Email, Amount: taken.Amount}, nil
}
`,
	"convert.go": `package STEP

// Row is a line as a database has it.
type Row struct {
	SKU      string
	Quantity int
	Price    float64
}

// Converter is what goverter is for.
//
// goverter:converter
type Converter interface {
	Line(source Row) Line
	Lines(source []Row) []Line
}
`,
	"events_test.go": `package STEP

import "testing"

func TestEmpty(t *testing.T) {
	if (&EVENT{}).Validate() == nil {
		t.Error("an empty event is valid")
	}
}
`,
}
