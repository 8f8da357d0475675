package rules

import "strconv"

// Index is the path to element i of what stands at the path: "legs[2]".
func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// Key is the path to the value of a map at a key: "stock[blue]".
func Key(path, key string) string { return path + "[" + key + "]" }
