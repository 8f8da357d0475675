package diag

// Code names a kind of diagnostic. A code is literal, so that it can be searched for, and is
// never reused for something else.
type Code string

// Entry describes a code.
type Entry struct {
	Title string // a few words, for lists
	Text  string // template of the message
}

// Catalogue returns what a code means, and whether there is such a code.
func Catalogue(code Code) (Entry, bool) {
	e, ok := catalogue[code]
	return e, ok
}

// Codes returns all codes; their order is not defined.
func Codes() []Code {
	codes := make([]Code, 0, len(catalogue))
	for c := range catalogue {
		codes = append(codes, c)
	}
	return codes
}

// Files and packages.
const (
	SyntaxError  Code = "NC001"
	NotLoaded    Code = "NC002"
	NotOurs      Code = "NC003"
	TypeError    Code = "NC004"
	TwoTestUnits Code = "NC005"
	NoDirective  Code = "NC006"
	Missing      Code = "NC007"
	Stale        Code = "NC008"
	Orphan       Code = "NC009"
)

// Directives.
const (
	UnknownVerb     Code = "NC010"
	NearMiss        Code = "NC011"
	Detached        Code = "NC012"
	WrongTarget     Code = "NC013"
	TwoDirectives   Code = "NC014"
	UnknownKey      Code = "NC015"
	RepeatedKey     Code = "NC016"
	KeyNotHere      Code = "NC017"
	BadName         Code = "NC018"
	QuotedValue     Code = "NC019"
	BuildConstraint Code = "NC020"
	ValueMissing    Code = "NC021"
	FlagValue       Code = "NC022"
	NameNotFirst    Code = "NC023"
	BrokenArgs      Code = "NC024"
	GenericTarget   Code = "NC025"
	NotMarked       Code = "NC026"
	NameLikeFlag    Code = "NC027"
	TwoPackages     Code = "NC028"
)

// Events.
const (
	DuplicateEvent  Code = "NC030"
	UnknownKeyField Code = "NC031"
	BadKeyField     Code = "NC032"
	BadVersion      Code = "NC033"
	MethodTaken     Code = "NC034"
	UserValidate    Code = "NC035"
	BadCheck        Code = "NC036"
	BadUpcast       Code = "NC037"
	MissingUpcast   Code = "NC038"
	UpcastStep      Code = "NC039"
	AliasTaken      Code = "NC040"
	NameTaken       Code = "NC041"
	TwoUpcasts      Code = "NC042"
	FieldTaken      Code = "NC043"
)

// Organs and handlers.
const (
	DuplicateOrgan  Code = "NC050"
	NoHandlers      Code = "NC051"
	NotAnOrgan      Code = "NC052"
	HandlerContext  Code = "NC053"
	HandlerEvent    Code = "NC054"
	BatchForm       Code = "NC055"
	OutForm         Code = "NC056"
	EmitPointer     Code = "NC057"
	HandlerParam    Code = "NC058"
	HandlerResult   Code = "NC059"
	ErrorNotLast    Code = "NC060"
	TwoHandlers     Code = "NC061"
	EmptyInterface  Code = "NC062"
	OldVersion      Code = "NC063"
	HandlerVariadic Code = "NC064"
	EmitNotEvent    Code = "NC066"
	MixedOwner      Code = "NC067"
)

// Policies.
const (
	BadValue        Code = "NC070"
	OutOfRange      Code = "NC071"
	Contradiction   Code = "NC072"
	BackoffReversed Code = "NC073"
)

// Fields and shapes.
const (
	// NC080 stays taken: it said what the codec could not do yet.
	Refused        Code = "NC081"
	WireClash      Code = "NC082"
	SkippedField   Code = "NC083"
	UnknownOption  Code = "NC084"
	BadTag         Code = "NC085"
	EmbedMarshaler Code = "NC087"
	SkippedRules   Code = "NC088"
	TagKey         Code = "NC089"

	HalfMarshaler   Code = "NC090"
	MapKey          Code = "NC091"
	EmbedCircle     Code = "NC092"
	EmbedUnexported Code = "NC093"
	NeverWritten    Code = "NC094"
	Unreachable     Code = "NC095"
	Interned        Code = "NC096"
)

// Topology.
const (
	Unhandled      Code = "NC140"
	UnboundedCycle Code = "NC141"
	TooDeep        Code = "NC142"
	TooWide        Code = "NC143"
	Unheard        Code = "NC144"
	Unemitted      Code = "NC145"
)

// Compatibility.
const (
	EventRemoved   Code = "NC150"
	NameReused     Code = "NC151"
	KeyChanged     Code = "NC152"
	FieldRemoved   Code = "NC153"
	FieldRequired  Code = "NC154"
	TypeChanged    Code = "NC155"
	RuleNarrowed   Code = "NC156"
	FormChanged    Code = "NC157"
	LockUnreadable Code = "NC158"
)

// States.
const (
	StateByValue Code = "NC120"
	TwoStates    Code = "NC121"
	StateShared  Code = "NC122"
	StateNoKey   Code = "NC123"
	StateUnused  Code = "NC124"
	EndNoState   Code = "NC125"
	TwoEnds      Code = "NC126"
)

// Timers.
const (
	TimerForm      Code = "NC127"
	TimerNoState   Code = "NC128"
	TimerUnhandled Code = "NC129"
	TimerKey       Code = "NC133"
)

// Undos.
const (
	UndoForm         Code = "NC134"
	UndoNoState      Code = "NC135"
	UndoUnknown      Code = "NC136"
	UndoMissing      Code = "NC137"
	UndoOfNothing    Code = "NC138"
	UndoApart        Code = "NC139"
	HalfCompensation Code = "NC146"
)

// Sagas.
const (
	SagaUnanswered Code = "NC170"
	SagaUntold     Code = "NC171"
	SagaNoTimer    Code = "NC172"
	SagaNoEnd      Code = "NC173"
)

// Give-up handlers.
const (
	GiveUpForm      Code = "NC130"
	GiveUpUnhandled Code = "NC131"
	TwoGiveUps      Code = "NC132"
)

// Schedules.
const (
	BadSchedule   Code = "NC160"
	NeverFires    Code = "NC161"
	UnknownZone   Code = "NC162"
	EveryNoEvent  Code = "NC163"
	TickInvalid   Code = "NC164"
	TickUnhandled Code = "NC165"
	ClockChanges  Code = "NC166"
)

// Validation rules.
const (
	UnknownRule   Code = "NC100"
	RuleLater     Code = "NC101"
	RuleMisfit    Code = "NC102"
	RuleParam     Code = "NC103"
	RuleNoParam   Code = "NC104"
	RuleField     Code = "NC105"
	RuleFieldKind Code = "NC106"
	RuleEmpty     Code = "NC107"

	RulePattern     Code = "NC108"
	RuleKeys        Code = "NC109"
	RuleCondition   Code = "NC110"
	RuleBehind      Code = "NC111"
	RuleHidden      Code = "NC112"
	RuleValuer      Code = "NC113"
	RuleAlternative Code = "NC114"
	RuleUnreachable Code = "NC115"
	RuleUnencoded   Code = "NC116"
	RuleOmitted     Code = "NC117"
	RuleOpened      Code = "NC118"
)

var catalogue = map[Code]Entry{
	SyntaxError:  {"syntax error", "%s"},
	NotLoaded:    {"package not loaded", "cannot load %s: %s"},
	NotOurs:      {"file was not generated", "%s was not written by necrogen, so it is not overwritten"},
	TypeError:    {"type error", "%s: %s"},
	TwoTestUnits: {"two packages of test declarations", "test files of package %s and of package %s both declare events or organs; one folder has one %s"},
	NoDirective:  {"event of another module without directive", "%s has the methods of an event, but its source in %s has no //necro:event"},
	Missing:      {"generated file missing", "%s is missing"},
	Stale:        {"generated file stale", "%s is stale"},
	Orphan:       {"generated file orphaned", "%s is orphaned: the package declares no events, states or organs any more"},

	UnknownVerb:     {"unknown directive", "unknown directive //necro:%s"},
	NearMiss:        {"almost a directive", "%s is not a directive"},
	Detached:        {"detached directive", "//necro:%s is detached from its declaration by a blank line"},
	WrongTarget:     {"directive on the wrong target", "//necro:%s belongs on %s, not on %s"},
	TwoDirectives:   {"two directives on one declaration", "%s has a //necro:%s already"},
	UnknownKey:      {"unknown key", "//necro:%s has no key %q"},
	RepeatedKey:     {"repeated key", "%q is given twice"},
	KeyNotHere:      {"key in the wrong directive", "%q belongs to %s, not to //necro:%s"},
	BadName:         {"malformed name", "%q is not a name"},
	QuotedValue:     {"quoted value", "%s is quoted"},
	BuildConstraint: {"directive under a build constraint", "//necro:%s in a file with a build constraint (%s)"},
	ValueMissing:    {"key without a value", "%q needs a value"},
	FlagValue:       {"flag with a value", "%q is a flag and takes no value"},
	NameNotFirst:    {"misplaced word", "unexpected word %q"},
	BrokenArgs:      {"malformed directive", "cannot read //necro:%s: %s"},
	GenericTarget:   {"generic type", "%s has type parameters, which //necro:%s does not support yet"},
	NameLikeFlag:    {"name like a flag", "%q is one letter off the flag %s, and would be the name of the %s"},
	TwoPackages:     {"two packages in one folder", "package %s in the folder of package %s"},
	NotMarked:       {"receiver is no event", "//necro:check stands on a method of %s, which is neither an event nor a state, nor held by one"},

	DuplicateEvent:  {"duplicate event", "%s %s version %d is declared twice"},
	UnknownKeyField: {"unknown key field", "%s has no field %q"},
	BadKeyField:     {"unfit key field", "key field %s is %s"},
	BadVersion:      {"malformed version", "version %q is not a number of at least 1"},
	MethodTaken:     {"method is generated", "method %s.%s collides with the generated one"},
	UserValidate:    {"Validate is generated", "method %s.Validate collides with the generated one"},
	BadCheck:        {"malformed check", "%s must be func (%s) %s() error"},
	BadUpcast:       {"malformed upcast", "%s must be func(Old) (New, error), both versions of one event or state"},
	MissingUpcast:   {"missing upcast", "%s %s version %d has no upcast to version %d"},
	UpcastStep:      {"upcast to the wrong version", "%s turns version %d of %s into version %d"},
	AliasTaken:      {"alias in use", "alias %s is %s"},
	NameTaken:       {"name is generated", "%s collides with a generated name"},
	TwoUpcasts:      {"two upcasts", "%s %s version %d has two upcasts"},
	FieldTaken:      {"field hides a generated method", "field %s of %s collides with the generated method"},

	DuplicateOrgan:  {"duplicate organ", "organ %s is declared twice"},
	NoHandlers:      {"organ without handlers", "organ %s has no handlers"},
	NotAnOrgan:      {"handler outside an organ", "%s is a handler, but %s is not an organ"},
	HandlerContext:  {"handler without context", "the first parameter of handler %s must be a context.Context"},
	HandlerEvent:    {"handler without event", "the %s parameter of handler %s must be an event, not %s"},
	BatchForm:       {"batch handler of another form", "handler %s takes a batch %s"},
	OutForm:         {"another form of necro.Out", "%s: a handler emits with a delay as necro.Out[X], by value, and as a result"},
	EmitPointer:     {"Emit of a pointer", "%s: Emit takes events by value"},
	HandlerParam:    {"unexpected parameter", "handler %s: unexpected parameter of type %s"},
	HandlerResult:   {"result is no event", "handler %s: result of type %s is not an event"},
	ErrorNotLast:    {"error is not last", "handler %s: the error must be the last result"},
	TwoHandlers:     {"two handlers for one event", "organ %s handles %s twice"},
	EmptyInterface:  {"interface without events", "handler %s gets no event: %s"},
	OldVersion:      {"old version in use", "%s is version %d of %s; the newest is %d"},
	HandlerVariadic: {"variadic handler", "handler %s must not be variadic"},
	EmitNotEvent:    {"Emit of no event", "handler %s: %s emits a type that is not an event"},
	MixedOwner:      {"organ in another file unit", "handler %s is declared in a test file, its organ %s is not"},

	BadValue:        {"malformed value", "%s=%s: %s"},
	OutOfRange:      {"value out of range", "%s=%s: must be %s"},
	Contradiction:   {"contradicting policies", "%s contradicts %s"},
	BackoffReversed: {"backoff reversed", "backoff=%s: the first delay is longer than the last"},

	Refused:        {"cannot be encoded", "%s: %s cannot be encoded"},
	WireClash:      {"wire names clash", "%s and %s both have the wire name %q"},
	SkippedField:   {"field is not encoded", "unexported field %s is not encoded"},
	UnknownOption:  {"unknown msgpack option", "msgpack option %q does not exist"},
	BadTag:         {"malformed struct tag", "struct tag of %s is malformed: %s"},
	EmbedMarshaler: {"embedded marshaler", "embedded %s would replace the encoding of all of %s"},
	SkippedRules:   {"rules on an unexported field", "rules of unexported field %s are never checked"},
	TagKey:         {"almost a tag key", "no library reads the struct tag key %q"},

	HalfMarshaler:   {"half a pair of marshaling methods", "%s: %s"},
	MapKey:          {"unfit map key", "%s: a key of type %s does not survive encoding"},
	EmbedCircle:     {"struct embeds itself", "%s: %s embeds the struct that it stands in"},
	EmbedUnexported: {"embedded type is unexported", "%s: embedded %s is unexported, so the reference codec can't read it"},
	NeverWritten:    {"omitempty always omits", "%s: omitempty always leaves out %s, which has no exported fields"},
	Unreachable:     {"out of reach of generated code", "%s: %s"},
	Interned:        {"interned strings", "%s: the option intern makes the bytes depend on everything before them, and no other msgpack library reads them"},

	StateByValue: {"state by value", "handler %s takes the state %s by value"},
	TwoStates:    {"two states of an organ", "organ %s keeps %s and %s"},
	StateShared:  {"state of two organs", "state %s is kept by organ %s already"},
	StateNoKey:   {"state without a key", "handler %s keeps state for the key of %s, which has none"},
	StateUnused:  {"state of no organ", "no organ keeps the state %s"},
	EndNoState:   {"end without a state", "handler %s returns a necro.End, but takes no state"},
	TwoEnds:      {"two ends", "handler %s returns necro.End twice"},

	TimerForm:      {"malformed timer", "%s: a handler returns a timer as necro.Timer[X], by value, once for each event"},
	TimerNoState:   {"timer without a state", "handler %s returns a timer, but takes no state: a timer belongs to the record of its key"},
	TimerUnhandled: {"timer that is not handled", "%s starts a timer of %s, which organ %s does not handle with its state"},
	TimerKey:       {"timer with another key", "the key of %s, %s of type %s, is none of the records of organ %s: they are found by %s"},

	UndoForm:         {"malformed undo", "%s: a handler returns undos as necro.Undo[X] or []necro.Undo[X], and necro.Compensate once"},
	UndoNoState:      {"undo without a state", "handler %s returns %s, but takes no state"},
	UndoUnknown:      {"unknown undo", "undo=%s: %s"},
	UndoMissing:      {"command without its undo", "%s emits the command %s, and does not keep its undo %s"},
	UndoOfNothing:    {"undo of no command", "%s keeps the undo %s, and emits no command that names it"},
	UndoApart:        {"undo that may miss its command", "the undo of %s is %s: %s"},
	HalfCompensation: {"half a compensation", "organ %s %s"},

	SagaUnanswered: {"command of a saga without an answer", "saga %s: %s emits %s, and %s answers with nothing that %s handles"},
	SagaUntold:     {"failure that no saga hears of", "saga %s: %s emits %s, and %s does not tell it when %s is given up"},
	SagaNoTimer:    {"command of a saga without a timer", "saga %s: %s emits %s, and starts no timer"},
	SagaNoEnd:      {"saga without an end", "saga %s: from %s no handler is reached that ends it"},

	GiveUpForm:      {"malformed give-up handler", "give-up handler %s %s"},
	GiveUpUnhandled: {"give-up of an event that is not handled", "%s gives up %s, which organ %s does not handle"},
	TwoGiveUps:      {"two give-up handlers for one event", "organ %s gives up %s twice"},

	UnknownRule:   {"unknown rule", "unknown rule %q"},
	RuleLater:     {"rule not supported yet", "rule %q is not supported yet"},
	RuleMisfit:    {"rule does not fit", "rule %q does not fit %s, which is %s"},
	RuleParam:     {"malformed parameter", "rule %q: %s"},
	RuleNoParam:   {"unexpected parameter", "rule %q takes no parameter"},
	RuleField:     {"unknown field in a rule", "rule %q: %s has no field %q"},
	RuleFieldKind: {"fields of different types", "rule %q: %s is %s, but %s is %s"},
	RuleEmpty:     {"empty rule", "empty rule in the validate tag of %s"},

	RulePattern:     {"unfit pattern", "pattern=%s: %s"},
	RuleKeys:        {"misplaced keys", "rule %q: %s"},
	RuleCondition:   {"value does not fit", "rule %q: %s is %s, which is never %q"},
	RuleBehind:      {"rule is never reached", "rule %q is never reached behind %q"},
	RuleHidden:      {"field out of reach", "rule %q: field %s of %s is unexported in another package"},
	RuleValuer:      {"value stands for another", "%s has a method ValidatorValue, which generated validators do not call"},
	RuleAlternative: {"rule is no alternative", "rule %q is no alternative"},
	RuleUnencoded:   {"rule on what is not encoded", "%s is not encoded, so readers find it empty: rule %q %s"},
	RuleOmitted:     {"omitted value is refused", "%s: omitempty leaves out an empty %s, and rule %q refuses one that is missing"},
	RuleOpened:      {"rule on a struct that was nil", "%s: nil is read as a zero struct, and rule %q %s"},
	RuleUnreachable: {"struct out of reach", "the rules of %s can't be reached: %s is unexported in another package"},

	Unhandled:      {"event without a handler", "%s emits %s, which no organ handles"},
	UnboundedCycle: {"chain without an end", "the chain runs in a circle: %s"},
	TooDeep:        {"chain too long", "a chain of %s can have %s hops; at most %d are allowed"},
	TooWide:        {"chain too wide", "one %s can become %s events; at most %d are allowed"},

	Unheard: {"interface handler without a new event", "%s takes %s, but the generated code does not deliver it"},

	Unemitted: {"event without an emitter", "no handler emits %s, which %s handles: it comes from outside"},

	BadSchedule:   {"malformed schedule", "//necro:every: %s"},
	NeverFires:    {"schedule never fires", "//necro:every %q never fires"},
	UnknownZone:   {"unknown zone", "the zone %q is not known"},
	EveryNoEvent:  {"schedule of no event", "//necro:every stands on %s, %s"},
	TickInvalid:   {"tick breaks its rules", "a tick is the zero %s, which breaks the rule %s"},
	TickUnhandled: {"tick without a handler", "%s is published by the processes that handle it, and no organ does"},
	ClockChanges:  {"tick at a change of the clock", "%s: %s %s in %s: %s"},

	EventRemoved:   {"released event removed", "%s"},
	NameReused:     {"released name reused", "%s"},
	KeyChanged:     {"key of a released event changed", "%s"},
	FieldRemoved:   {"released field removed", "%s"},
	FieldRequired:  {"new field that old events lack", "%s"},
	TypeChanged:    {"type of a released field changed", "%s"},
	RuleNarrowed:   {"rule of a released field narrowed", "%s"},
	FormChanged:    {"form of a released array changed", "%s"},
	LockUnreadable: {"unreadable necro.lock", "%s"},
}
