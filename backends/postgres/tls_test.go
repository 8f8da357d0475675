package postgres_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/necrostack/necrogen/backends/postgres"
	"github.com/necrostack/necrogen/internal/testkit/postgrestest"
	"github.com/necrostack/necrogen/runtime/contract"
)

// authority signs certificates of servers.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string // the certificate, as an address names it by sslrootcert
}

// newAuthority makes an authority whose certificate is in a file of the test.
func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t), file: filepath.Join(t.TempDir(), "root.crt")}
	template := certificateOf("authority")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	text := a.sign(t, template, template, a.key)
	block, _ := pem.Decode(text)
	var err error
	if a.certificate, err = x509.ParseCertificate(block.Bytes); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func certificateOf(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}
}

// sign returns a certificate in PEM for the public half of a key.
func (a *authority) sign(t *testing.T, template, parent *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	signed, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})
}

// startEncrypted starts a server with a certificate of an authority for the address of this machine.
func startEncrypted(t *testing.T, a *authority) *postgrestest.Server {
	t.Helper()
	private := newKey(t)
	template := certificateOf("server")
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return postgrestest.StartTLS(t, a.sign(t, template, a.certificate, private), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

// TestServerIsWhoItSays: a server of an authority that the address names is connected to, and any other is refused with a line
// that says what to do.
func TestServerIsWhoItSays(t *testing.T) {
	t.Parallel()
	ours, other := newAuthority(t), newAuthority(t)
	plain, encrypted := sharedServer(t), startEncrypted(t, ours)
	for name, c := range map[string]struct {
		server           *postgrestest.Server
		host, mode, root string
		want             []string // nothing where the backend opens
	}{
		"verify-full":                    {encrypted, "127.0.0.1", "verify-full", ours.file, nil},
		"verify-ca by another name":      {encrypted, "localhost", "verify-ca", ours.file, nil},
		"require":                        {encrypted, "127.0.0.1", "require", "", nil},
		"an authority of others":         {encrypted, "127.0.0.1", "verify-full", other.file, []string{"cannot be verified", "sslrootcert"}},
		"verify-ca, of others":           {encrypted, "127.0.0.1", "verify-ca", other.file, []string{"cannot be verified", "sslrootcert"}},
		"the authorities of the system":  {encrypted, "127.0.0.1", "verify-full", "", []string{"cannot be verified", "sslrootcert"}},
		"another name":                   {encrypted, "localhost", "verify-full", ours.file, []string{"for another name", "host of the address"}},
		"a plain server":                 {plain, "127.0.0.1", "require", "", []string{"talks no TLS", "ssl = on"}},
		"a plain server, to be verified": {plain, "127.0.0.1", "verify-full", ours.file, []string{"talks no TLS", "ssl = on"}},
	} {
		t.Run(name, func(t *testing.T) {
			address := strings.Replace(c.server.URL(), "127.0.0.1", c.host, 1)
			address = strings.Replace(address, "sslmode=disable", "sslmode="+c.mode, 1)
			if c.root != "" {
				address += "&sslrootcert=" + c.root
			}
			b, err := postgres.Open(t.Context(), address, postgres.WithNamespace("tls"), postgres.WithLogger(nil))
			if err == nil {
				b.Close()
			}
			if (err != nil) != (c.want != nil) {
				t.Fatalf("open: error %v, want one: %t", err, c.want != nil)
			}
			if err != nil && !errors.Is(err, contract.ErrBackendUnavailable) {
				t.Errorf("error %v, want ErrBackendUnavailable: a new certificate mends it", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), postgrestest.Password) {
				t.Error("the error has the password")
			}
		})
	}
}
