package templates

import "github.com/dave/jennifer/jen"

// statements judge a value.
type statements []statement

// statement is a fork, or plain code.
type statement struct {
	init            *jen.Statement // of a fork: in front of its condition; may be nil
	cond            condition
	then, otherwise statements
	plain           jen.Code // of any other statement
}

// codeLines are plain code.
func codeLines(codes ...jen.Code) statements {
	var list statements
	for _, c := range codes {
		list = append(list, statement{plain: c})
	}
	return list
}

// ifElse is an if statement, as short as it can be written: without an empty block, without a
// condition that is constant, and with one if for two that stand in one another.
func ifElse(cond condition, then, otherwise statements) statements {
	switch {
	case cond.isCertain():
		return then
	case cond.isImpossible():
		return otherwise
	case len(then) == 0 && len(otherwise) == 0:
		return nil
	case len(then) == 0:
		return ifElse(cond.not(), otherwise, nil)
	}
	if len(otherwise) == 0 && len(then) == 1 && then[0].simple() {
		return statements{{cond: allOf(cond, then[0].cond), then: then[0].then}}
	}
	return statements{{cond: cond, then: then, otherwise: otherwise}}
}

// simple reports whether a fork has nothing but a condition and what happens then.
func (s statement) simple() bool { return s.plain == nil && s.init == nil && len(s.otherwise) == 0 }

// code writes the statements.
func (list statements) code() []jen.Code {
	var codes []jen.Code
	for _, s := range list {
		codes = append(codes, s.code())
	}
	return codes
}

func (s statement) code() jen.Code {
	if s.plain != nil {
		return s.plain
	}
	head := jen.If(s.cond.code()).Block(s.then.code()...)
	if s.init != nil {
		head = jen.If(s.init, s.cond.code()).Block(s.then.code()...)
	}
	switch {
	case len(s.otherwise) == 0:
		return head
	case len(s.otherwise) == 1 && s.otherwise[0].plain == nil:
		return head.Else().Add(s.otherwise[0].code())
	}
	return head.Else().Block(s.otherwise.code()...)
}
