package health_test

import (
	"crypto/subtle"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/necrostack/necrogen/backends/memory"
	necro "github.com/necrostack/necrogen/runtime"
	"github.com/necrostack/necrogen/telemetry/health"
)

// The probes of an orchestrator ask /livez and /readyz. In a program the handler is served by
// http.ListenAndServe.
func ExampleHandler() {
	spine, err := necro.New(memory.New())
	if err != nil {
		log.Fatal(err)
	}
	w := httptest.NewRecorder()
	health.Handler(spine).ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	fmt.Println(w.Code)
	fmt.Print(w.Body)
	// Output:
	// 200
	// {
	//   "status": "ok",
	//   "running": false,
	//   "backend": {
	//     "up": true
	//   },
	//   "organs": []
	// }
}

// A probe of an operator sees details: here those who know a word that the environment holds.
func ExampleWithDetails() {
	spine, err := necro.New(memory.New())
	if err != nil {
		log.Fatal(err)
	}
	word := os.Getenv("OPERATOR_TOKEN")
	handler := health.Handler(spine, health.WithDetails(func(r *http.Request) bool {
		return word != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+word)) == 1
	}))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	fmt.Println(w.Code)
	// Output: 200
}
