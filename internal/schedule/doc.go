// Package schedule reads the expressions of //necro:every and computes the times at which they fire. The generator checks and
// prints schedules with it, and the runtime fires them with it, so that both agree.
//
// An expression is five cron fields (minute, hour, day of the month, month, weekday), a name such as @daily, or a duration.
// [Parse] reads it, [Schedule.Next] returns the first tick behind a time, and [Schedule.Last] the last one up to it.
//
// # How a local time becomes an instant
//
// Cron fields describe local times, and a change of the clock leaves some of them out and repeats others. A tick is the first
// instant at which the clock of the zone shows its local time or a later one. So a local time that does not exist fires at the
// first instant behind the gap, and one that comes twice fires the first time. Because this instant never falls while the
// local time grows, both directions are computed without a search: [Schedule.Next] looks for the first local time that the
// clock has not shown yet (clock.go), and field sets find it day by day (match.go).
//
// A duration has no local time: its ticks are the multiples of the duration since 1970 in UTC.
package schedule
