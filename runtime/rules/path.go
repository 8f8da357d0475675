package rules

import (
	"fmt"
	"reflect"
	"strconv"
)

// Index is the path to element i of the value at the path: "legs[2]".
func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// Key is the path to the value of a map at a key: "stock[blue]". A named type's String method
// has no say.
func Key[K any](path string, key K) string {
	v := reflect.ValueOf(key)
	switch {
	case v.Kind() == reflect.String:
		return path + "[" + v.String() + "]"
	case v.CanInt():
		return path + "[" + strconv.FormatInt(v.Int(), 10) + "]"
	case v.CanUint():
		return path + "[" + strconv.FormatUint(v.Uint(), 10) + "]"
	}
	return path + "[" + fmt.Sprint(key) + "]"
}
