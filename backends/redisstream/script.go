package redisstream

import (
	"embed"

	"github.com/necrostack/necrogen/backends/redisstream/internal/store"
)

//go:embed lua
var sources embed.FS

// newScript puts together a script of the lua folder. That of a change of bindings has what such scripts share.
func newScript(name, flags string) *store.Script {
	if name == "subscribe" {
		return store.NewScript(flags, store.BindingSource(), readSource(name))
	}
	return store.NewScript(flags, readSource(name))
}

func readSource(name string) string {
	b, err := sources.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return string(b)
}

var (
	publishScript   = newScript("publish", "")
	subscribeScript = newScript("subscribe", "")
	rejoinScript    = newScript("subscribe", store.AllowOOM)
	settleScript    = newScript("settle", store.AllowOOM)
	claimScript     = newScript("claim", store.AllowOOM)
)
