package postgrestest

import (
	"os"
	"path/filepath"
	"testing"
)

// StartTLS is [Start] of a server that talks TLS, too, with a certificate and its key in PEM. Its URL is that without TLS.
func StartTLS(tb testing.TB, certificate, key []byte) *Server {
	tb.Helper()
	s, err := launch([]string{"ssl=on"}, map[string][]byte{"server.crt": certificate, "server.key": key})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// writeFiles writes files of the server's account into the folder of its data.
func (s *Server) writeFiles(files map[string][]byte) error {
	account, err := findAccount()
	if err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(s.data(), name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
		if err := account.own(path); err != nil {
			return err
		}
	}
	return nil
}
