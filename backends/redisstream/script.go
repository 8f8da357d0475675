package redisstream

import (
	"embed"

	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

//go:embed lua
var sources embed.FS

func readSource(name string) string {
	b, err := sources.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return string(b)
}

var (
	settleScript = store.NewScript(store.AllowOOM, readSource("settle"))
)
