package redisstream

import (
	"crypto/sha1"
	"embed"
	"encoding/hex"
)

//go:embed lua
var sources embed.FS

// script is one atomic step.
type script struct {
	source string
	sha    string
}

// allowOOM lets a script run on a server that is full: it makes room, or must not fail.
const allowOOM = "allow-oom"

// newScript puts together a script of the lua folder, with parts that it shares with some others.
func newScript(name, flags string, parts ...string) *script {
	source := "#!lua flags=" + flags + "\n" + read("lib")
	for _, part := range append(parts, name) {
		source += read(part)
	}
	sum := sha1.Sum([]byte(source))
	return &script{source, hex.EncodeToString(sum[:])}
}

func read(name string) string {
	b, err := sources.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return string(b)
}

var (
	publishScript    = newScript("publish", "")
	oneScript        = newScript("one", "")
	subscribeScript  = newScript("subscribe", "", "binding")
	rejoinScript     = newScript("subscribe", allowOOM, "binding")
	modeScript       = newScript("mode", allowOOM, "binding")
	turnScript       = newScript("turn", allowOOM)
	handoverScript   = newScript("handover", "")
	redriveScript    = newScript("dead", "")
	metaScript       = newScript("meta", allowOOM)
	anchorScript     = newScript("anchor", allowOOM)
	settleScript     = newScript("settle", allowOOM)
	claimScript      = newScript("claim", allowOOM)
	extendScript     = newScript("extend", allowOOM)
	releaseScript    = newScript("release", allowOOM)
	offerScript      = newScript("offer", allowOOM)
	sameScript       = newScript("same", allowOOM+",no-writes")
	lookScript       = newScript("look", allowOOM)
	stepScript       = newScript("step", allowOOM)
	asideScript      = newScript("aside", allowOOM)
	dueScript        = newScript("due", allowOOM)
	promoteScript    = newScript("promote", allowOOM)
	liveScript       = newScript("live", allowOOM)
	leaveScript      = newScript("leave", allowOOM)
	sweepScript      = newScript("sweep", allowOOM)
	healthScript     = newScript("health", allowOOM+",no-writes") // also on a replica
	discardScript    = newScript("dead", allowOOM)
	removeScript     = newScript("remove", allowOOM)
	unscheduleScript = newScript("unschedule", allowOOM)
)
