package docs

import "slices"

// exception is a block that has a test of its own, or none for a reason.
type exception struct {
	page, section string // section "*": all of them
	lang          string
	why           string
}

var elsewhere = []exception{
	{"docs/vet.md", "*", "go", "TestDocs of internal/gen/analyzers runs the analyzers over it"},
	{"docs/encoding.md", "shape-encoding-example", "go", "TestEncoding of internal/proof/cases compiles it"},
	{"docs/diagnostics.md", "", "", "an example of the form; TestListOfCodes of internal/proof/cases compares the page"},
	{"docs/diagnostics.md", "", "json", "the same"},
	{"docs/validation.md", "what-a-violation-says", "", "one line of text; the words of each rule are tested in internal/proof/difftest"},
	{"docs/performance.md", "what-it-printed", "text", "TestFiguresAreWhole wants every contest in what make bench printed"},
	{"docs/testing.md", "the-exhaustive-crash-run", "text", "a report; TestExhaustFinds of necrotest compares such"},
	{"docs/redis.md", "for-operators", "console", "what one killed program had left behind; TestDocument of redisstream wants the keys"},
	{"docs/outbox.md", "", "sh", "TestCommand of examples/outbox does the same"},
	{"examples/fulfilment/README.md", "", "sh", "TestEveryOrderEnds and TestKilled of examples/fulfilment do the same"},
	{"examples/multimodule/README.md", "", "sh", "TestMultimodule of examples runs the last two; make generate does the first"},
	{"examples/multimodule/README.md", "", "text", "TestMultimodule of examples compares it"},
	{"docs/redis.md", "access-tls-networks", "", "TestDocument of redisstream works as this user"},
}

// listed returns the exception that a block is, or -1.
func listed(b *block) int {
	return slices.IndexFunc(elsewhere, func(e exception) bool {
		return e.page == b.page && (e.section == b.section || e.section == "*") && e.lang == b.lang
	})
}
