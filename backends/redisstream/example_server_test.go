package redisstream_test

import (
	"log"
	"os"

	"github.com/necrostack/necrogen/internal/testkit/redistest"
)

// startRedis starts a server for an example. It stands for the one that you have, and returns
// what you would write as redis://localhost:6379/0.
func startRedis() (url string, stop func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	server, err := redistest.Launch(dir)
	if err != nil {
		log.Fatal(err)
	}
	return server.URL(), func() {
		server.Close()
		os.RemoveAll(dir)
	}
}
