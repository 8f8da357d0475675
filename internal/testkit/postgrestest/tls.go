package postgrestest

import "testing"

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
