package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// wanted is one certificate with its key: FILE.crt and FILE.key in the folder.
type wanted struct {
	File   string   `json:"file"`
	Name   string   `json:"name"`
	Groups []string `json:"groups"`
	// Hosts makes it a server's certificate; without hosts it is a client's.
	Hosts []string `json:"hosts"`
	// By names the authority that signs; empty makes it an authority.
	By string `json:"by"`
}

type order struct {
	Folder       string   `json:"folder"`
	Certificates []wanted `json:"certificates"`
	// Keys are signing keys without a certificate.
	Keys []string `json:"keys"`
}

const (
	authorityLife = 20 * 365 * 24 * time.Hour
	leafLife      = 2 * 365 * 24 * time.Hour
	renewBefore   = 60 * 24 * time.Hour
)

// makeCertificates makes what is missing and what soon expires. An authority is
// never made anew while its files are there: every client trusts it.
func makeCertificates(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var o order
	if err := json.Unmarshal(text, &o); err != nil {
		return err
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return err
	}
	for _, w := range o.Certificates {
		if err := o.make(w); err != nil {
			return fmt.Errorf("%s: %w", w.File, err)
		}
	}
	for _, name := range o.Keys {
		file := filepath.Join(o.Folder, name+".key")
		if _, err := os.Stat(file); err == nil {
			continue
		}
		if _, err := newKey(file); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (o order) make(w wanted) error {
	certificate := filepath.Join(o.Folder, w.File+".crt")
	current, err := readCertificate(certificate)
	if err == nil && (w.By == "" || o.stillGood(w, current)) {
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	key, err := newKey(filepath.Join(o.Folder, w.File+".key"))
	if err != nil {
		return err
	}
	template := w.template()
	parent, signer := template, key
	if w.By != "" {
		if parent, err = readCertificate(filepath.Join(o.Folder, w.By+".crt")); err != nil {
			return err
		}
		if signer, err = readKey(filepath.Join(o.Folder, w.By+".key")); err != nil {
			return err
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return err
	}
	return writeWhole(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func (o order) stillGood(w wanted, current *x509.Certificate) bool {
	if time.Until(current.NotAfter) < renewBefore || current.Subject.CommonName != w.Name || !slices.Equal(current.Subject.Organization, w.Groups) {
		return false
	}
	key, err := readKey(filepath.Join(o.Folder, w.File+".key"))
	// A kill between the two files leaves a new key beside an old certificate.
	if err != nil || !key.PublicKey.Equal(current.PublicKey) {
		return false
	}
	for _, host := range w.Hosts {
		if current.VerifyHostname(host) != nil {
			return false
		}
	}
	return true
}

func (w wanted) template() *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	now := time.Now()
	t := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: w.Name, Organization: w.Groups},
		// Clocks of small machines jump after boot.
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(leafLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	if w.By == "" {
		t.IsCA, t.NotAfter, t.ExtKeyUsage = true, now.Add(authorityLife), nil
		t.KeyUsage |= x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	}
	if len(w.Hosts) > 0 {
		t.ExtKeyUsage = append(t.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	for _, host := range w.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, host)
		}
	}
	return t
}

func newKey(path string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writeWhole(path, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	block, err := readBlock(path)
	if err != nil {
		return nil, err
	}
	return x509.ParseECPrivateKey(block)
}

func readCertificate(path string) (*x509.Certificate, error) {
	block, err := readBlock(path)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(block)
}

func readBlock(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is not PEM", path)
	}
	return block.Bytes, nil
}

// writeWhole never leaves half a file behind: a kill between two writes must
// not cost the cluster its identity.
func writeWhole(path string, text []byte) error {
	file, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		file.Close()
		return err
	}
	if err := file.Sync(); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
