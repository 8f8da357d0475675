// Package spelling finds the word that was probably meant by an unknown one.
package spelling

import "strings"

// Nearest returns the word of the vocabulary that was probably meant by word: one at most two
// edits away, and of fewer than six letters at most one, ignoring case; "" when there is none.
func Nearest(word string, vocabulary []string) string {
	best, bestDistance := "", min(3, max(2, len(word)/3+1), len(word)/2+1)
	for _, w := range vocabulary {
		if d := Distance(strings.ToLower(word), strings.ToLower(w)); d < bestDistance {
			best, bestDistance = w, d
		}
	}
	return best
}

// Distance counts the insertions, deletions, replacements and swaps of neighbours that turn
// a into b.
func Distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
