package health_test

import (
	"fmt"
	"log"
	"net/http/httptest"

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
	//   "backend": {},
	//   "organs": []
	// }
}
