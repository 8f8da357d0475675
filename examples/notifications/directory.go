package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"hash/fnv"
	"net/mail"
	"regexp"
	"strings"

	"github.com/necrostack/necrogen/examples/internal/input"
)

//go:embed testdata/users.csv
var sampleUsers string

// User is how a user can be reached. An address that is empty is none.
type User struct {
	Email, Phone, Device string
}

// Address returns where a channel reaches the user.
func (u User) Address(c Channel) string {
	switch c {
	case Email:
		return u.Email
	case SMS:
		return u.Phone
	}
	return u.Device
}

// Directory knows the users. It is not changed once it is in use.
type Directory struct {
	users  map[string]User
	invent bool // addresses for users that are not known
}

// Find returns how a user can be reached.
func (d *Directory) Find(id string) (User, bool) {
	u, ok := d.users[id]
	if !ok && d.invent {
		return inventUser(id), true
	}
	return u, ok
}

// openDirectory reads the users from a file. Without one it knows the sample users, and makes
// up addresses for all others.
func openDirectory(ctx context.Context, file string) (*Directory, error) {
	if file == "" {
		return readUsers(input.Text("sample users", sampleUsers), true)
	}
	sources, err := input.Open(ctx, []string{file}, nil)
	if err != nil {
		return nil, err
	}
	defer input.Close(sources)
	return readUsers(sources[0], false)
}

func readUsers(s input.Source, invent bool) (*Directory, error) {
	d := &Directory{map[string]User{}, invent}
	var errs []error
	for r := range input.Records(s, []string{"user_id", "email", "phone", "device"}) {
		id, u, err := userOf(&r)
		if _, twice := d.users[id]; err == nil && twice {
			err = fmt.Errorf("user_id: %q stands further up already", id)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.Place(s.Name), err))
		}
		d.users[id] = u
	}
	return d, errors.Join(errs...)
}

var phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func userOf(r *input.Record) (id string, u User, err error) {
	if r.Err != nil {
		return "", u, r.Err
	}
	id = r.Fields["user_id"]
	u = User{r.Fields["email"], r.Fields["phone"], r.Fields["device"]}
	if id == "" {
		return id, u, errors.New("user_id: is required")
	}
	if a, wrong := mail.ParseAddress(u.Email); u.Email != "" && (wrong != nil || a.Address != u.Email) {
		return id, u, r.Wrong("email", errors.New("is not an address such as ada@example.com"))
	}
	if u.Phone != "" && !phoneNumber.MatchString(u.Phone) {
		return id, u, r.Wrong("phone", errors.New("is not a number such as +15550100001, with the country in front and no spaces"))
	}
	return id, u, nil
}

// inventUser makes up addresses: the same ones for the same user.
func inventUser(id string) User {
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, strings.ToLower(id))
	number := fnv.New32a()
	number.Write([]byte(id))
	return User{name + "@example.com", fmt.Sprintf("+1555%07d", number.Sum32()%1e7), "device-" + name}
}
