// Package advise looks around after something did not work, or did nothing, and says what to do
// about it. It costs nothing when all is well.
package advise
