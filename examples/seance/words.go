package main

var names = []string{
	"Madame Goroutine", "Old Null Pointer", "the Duchess of Deadlock", "Brother Segfault", "Count Overflow",
	"Aunt Mutex", "the Nameless Daemon", "Sir Race Condition", "Little Orphan Process",
}

var fates = []string{
	"who never returned from a select without a default", "lost at sea with an unflushed buffer",
	"last seen on a Friday, deploying", "who blocked on a channel that nobody closed",
	"garbage collected before her time", "who answered “it works on my machine”", "reaped by init in the winter of 1987",
}

var openings = []string{
	"Yes… but ", "No. And ", "Ask again when the moon is full, for ", "It was never in doubt: ", "I see it clearly: ", "Alas, ",
}

var answers = []string{
	"the tests pass only while you watch them.", "someone close to you force-pushes.", "the cache remembers what you forgot.",
	"the answer lies in line 404.", "the one you seek is off by one.", "it is always DNS.",
	"what was deleted on production sleeps in the backup of another.", "the null comes from inside the house.",
}

var signs = []string{
	"A black cat walks over the keyboard", "Three candles go out, in alphabetical order", "The fan of your laptop howls at midnight",
	"A raven lands on the build server", "The ouija board spells EAGAIN", "Your tea leaves form a stack trace",
}

var advice = []string{
	"Commit before dawn.", "Beware of Fridays.", "Let sleeping daemons lie.", "Name a variable after her, and be spared.",
	"Burn sage, and clear the cache.", "Tell nobody, but write a test.",
}
