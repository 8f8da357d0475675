package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// redraw is how often a progress bar is drawn.
const redraw = 100 * time.Millisecond

// A bar that is too long for the terminal is cut, not continued on a line that is never wiped.
const cut, uncut = "\x1b[?7l", "\x1b[?7h"

// Progress draws a bar on w until the function that it returns is called, which wipes it away. It draws nothing
// where w is no terminal. done is asked from another goroutine. When w is a Screen, text written to that
// meanwhile goes above the bar.
func Progress(w io.Writer, label string, total uint64, done func() uint64) (stop func()) {
	if !IsTerminal(w) {
		return func() {}
	}
	screen := NewScreen(w)
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		start, ticker := time.Now(), time.NewTicker(redraw)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				screen.setBottom(cut + barLine(label, done(), total, time.Since(start)) + uncut)
			case <-quit:
				screen.setBottom("")
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}

const barWidth = 30

// barLine returns a line such as "orders [=====>    ] 50% 500/1,000 250/s 2s left". A total of
// 0 is unknown.
func barLine(label string, done, total uint64, since time.Duration) string {
	rate := float64(done) / max(since.Seconds(), 1e-3)
	if total == 0 {
		return fmt.Sprintf("%s %s %s/s", label, Count(done), Count(uint64(rate)))
	}
	share := min(float64(done)/float64(total), 1)
	full := int(share * barWidth)
	line := fmt.Sprintf("%s [%s>%s] %.0f%% %s/%s %s/s", label,
		strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), 100*share, Count(done), Count(total), Count(uint64(rate)))
	if rate >= 1 && done < total {
		left := time.Duration(float64(total-done) / rate * float64(time.Second))
		line += " " + left.Round(time.Second).String() + " left"
	}
	return line
}
