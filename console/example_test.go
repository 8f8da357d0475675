package console_test

import (
	"fmt"
	"net/http"

	"github.com/necrostack/necrogen/backends/memory"
	"github.com/necrostack/necrogen/console"
	"github.com/necrostack/necrogen/runtime/contract"
)

func mountConsole(mux *http.ServeMux, backend contract.Backend, file string) error {
	users, err := console.BasicAuthFile(file)
	if err != nil {
		return err
	}
	mux.Handle("/console/", console.New(backend, console.WithAuthenticator(users), console.WithActions(nil)))
	return nil
}

// A service mounts the console beside its own pages.
func Example() {
	fmt.Println(mountConsole(http.NewServeMux(), memory.New(), "testdata/users"))
	// Output: <nil>
}
