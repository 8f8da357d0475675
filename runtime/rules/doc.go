// Package rules holds the predicates that generated validators call. Each gives the same
// verdict as the rule of that name in github.com/go-playground/validator/v10.
package rules
