// Package directive knows the vocabulary of //necro: comments: how one is read from a line, which verbs and keys
// there are, and what their values mean. The loader uses it to fill the model, the checks use it to judge the
// comments.
package directive
