package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"

	"github.com/necrostack/necrogen/examples/internal/once"
	necro "github.com/necrostack/necrogen/runtime"
)

// SummonRitual is a question to the other side.
//
//necro:event SUMMON_RITUAL
type SummonRitual struct {
	Question string `msgpack:"question" validate:"required,max=200"`
	Seed     uint64 `msgpack:"seed"` // chance is decided here: handlers that run again say the same
}

// SpiritAppeared is who heard the question.
//
//necro:event SPIRIT_APPEARED
type SpiritAppeared struct {
	SummonRitual
	Spirit string `msgpack:"spirit" validate:"required"`
	Shy    bool   `msgpack:"shy"`
}

// AnswerGenerated is what the spirit says.
//
//necro:event ANSWER_GENERATED
type AnswerGenerated struct {
	SpiritAppeared
	Answer string `msgpack:"answer" validate:"required"`
}

// OmenRevealed tells the meaning of an omen.
//
//necro:event OMEN_REVEALED
type OmenRevealed struct {
	AnswerGenerated
	Omen string `msgpack:"omen" validate:"required"`
}

// seededDice returns dice that fall in the same way for the same question and seed. Each organ has its own.
func (r *SummonRitual) seededDice(organ string) *rand.Rand {
	h := fnv.New64a()
	io.WriteString(h, organ+r.Question)
	return rand.New(rand.NewPCG(r.Seed, h.Sum64()))
}

func pickWord(dice *rand.Rand, words []string) string { return words[dice.IntN(len(words))] }

// Medium calls spirits.
//
//necro:organ medium order=strict
type Medium struct{}

// Call calls a spirit.
//
//necro:handle
func (*Medium) Call(_ context.Context, r *SummonRitual) (*SpiritAppeared, error) {
	dice := r.seededDice("medium")
	return &SpiritAppeared{*r, pickWord(dice, names) + ", " + pickWord(dice, fates), dice.IntN(13) == 0}, nil
}

// Spirit answers. A shy one has to be asked twice, and holds up those behind it.
//
//necro:organ spirit order=strict retry=3 backoff=10us..1ms
type Spirit struct{}

var errShy = errors.New("the spirit is shy")

// Answer says something.
//
//necro:handle
func (*Spirit) Answer(ctx context.Context, s *SpiritAppeared) (*AnswerGenerated, error) {
	if meta, _ := necro.MetaFrom(ctx); s.Shy && meta.Attempt == 1 {
		return nil, errShy
	}
	dice := s.seededDice("spirit")
	return &AnswerGenerated{*s, pickWord(dice, openings) + pickWord(dice, answers)}, nil
}

// Oracle interprets answers.
//
//necro:organ oracle order=strict
type Oracle struct{}

// Reveal tells what an answer means.
//
//necro:handle
func (*Oracle) Reveal(_ context.Context, a *AnswerGenerated) (*OmenRevealed, error) {
	dice := a.seededDice("oracle")
	return &OmenRevealed{*a, pickWord(dice, signs) + ". " + pickWord(dice, advice)}, nil
}

// Parlor is where the guests sit, and hear of each omen once.
//
//necro:organ parlor exclusive order=strict
type Parlor struct {
	out   io.Writer // nil: only counted
	heard *once.Memo[error]
	omens int
	shy   int
}

// Hear tells an omen.
//
//necro:handle
func (p *Parlor) Hear(ctx context.Context, o *OmenRevealed) error {
	meta, _ := necro.MetaFrom(ctx)
	return p.heard.Do(meta.ID, func() error {
		p.omens++
		manner := "says"
		if o.Shy {
			p.shy++
			manner = "whispers, asked twice"
		}
		if p.out == nil {
			return nil
		}
		_, err := fmt.Fprintf(p.out, "  Question  %s\n  Spirit    %s\n            %s: “%s”\n  Omen      %s\n\n", o.Question, o.Spirit, manner, o.Answer, o.Omen)
		return err
	})
}
