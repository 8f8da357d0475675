// Package synthetic writes a module as large as one likes, in the way of a service that is made
// of many small packages: events, organs that hold clients of the standard library, conversions
// and tests. The speed of the loader is measured on it, and compared with that of other
// generators, which find their own marks in the same packages.
package synthetic
