module github.com/necrostack/necrogen/console

go 1.26.0

require (
	github.com/necrostack/necrogen v0.0.0
	golang.org/x/crypto v0.58.0
)

replace github.com/necrostack/necrogen => ..
