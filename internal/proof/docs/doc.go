// Package docs holds README.md, CONTRIBUTING.md, the pages in docs and those of the examples to
// their word. Every block of code in them is one of these, and a block that is none of them fails:
//
//	a step of a tutorial   run in order by a shell, in a module outside of this repository: its sh
//	                       blocks, the files that a line "`main.go`:" in front of a block names, and
//	                       what a text block behind a command says that it prints
//	an excerpt             a line that ends with "[path](../path):" stands in front of it: it is in
//	                       that file of this repository, word for word, and is compiled and tested there
//	a fragment of Go       all others in Go. Those below one heading of the second level are one
//	                       package, which is generated for, compiled, and tested if it has tests.
//	                       What they need besides stands in testdata, in the txtar file of the page:
//	                       for all headings, or in a folder named like the heading's anchor
//	a command              sh and console blocks: targets, packages, verbs and flags have to be there
//	a session              text blocks with an example's prompt, "orderbook> ": typed, and answered
//	a transcript           console blocks of docs/incident.md: what examples/notifications/incident.sh
//	                       prints, but for ids, times and ages; written with -update
//	a picture              mermaid blocks, read by Mermaid itself
//	tested elsewhere       listed in elsewhere_test.go, with where, or why not at all
//
// Links, anchors, names of our packages, codes and names of tests have to be there, too.
package docs
