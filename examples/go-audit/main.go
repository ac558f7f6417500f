// Audits an exported log with other people's code: golang.org/x/mod for notes and trees, torchwood for tiles, and the
// ML-DSA-44 of transparency-dev. Nothing here knows Comity.
//
//	go run . DIR VKEY...
//
// DIR is what "comity log export DIR" wrote, or a copy of it. Every VKEY must have signed the checkpoint; a log's own
// keys (types 0x01, 0x06) and those of its witnesses (0x04, 0x06) may be named.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/torchwood"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: go run . DIR VKEY...")
		os.Exit(2)
	}
	if err := audit(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "does not hold:", err)
		os.Exit(1)
	}
}

func audit(dir string, vkeys []string) error {
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	var policies []torchwood.Policy
	for _, vkey := range vkeys {
		verifier, err := verifierOf(vkey)
		if err != nil {
			return fmt.Errorf("%.40s: %w", vkey, err)
		}
		policies = append(policies, torchwood.SingleVerifierPolicy(verifier))
	}
	head, err := verifyHead(signed, policies)
	if err != nil {
		return err
	}
	tiles, err := torchwood.NewTileFS(os.DirFS(dir))
	if err != nil {
		return err
	}
	client, err := torchwood.NewClient(tiles)
	if err != nil {
		return err
	}
	// Each entry is hashed and held against the tree that the checkpoint signs.
	var entries int64
	for range client.AllEntries(context.Background(), head.Tree, 0) {
		entries++
	}
	if err := client.Err(); err != nil {
		return err
	}
	if entries != head.N {
		return fmt.Errorf("%d entries of %d are there", entries, head.N)
	}
	fmt.Printf("%s: %d entries, all in the tree that %d keys signed\n", head.Origin, entries, len(vkeys))
	return nil
}

func verifierOf(vkey string) (note.Verifier, error) {
	if verifier, err := note.NewVerifier(vkey); err == nil {
		return verifier, nil // Ed25519, as a log signs
	}
	return cosignature.NewVerifierForCosignatureV1(vkey)
}

// The origin is the name of the log's own key: the first that is named.
func verifyHead(signed []byte, policies []torchwood.Policy) (torchwood.Checkpoint, error) {
	all := torchwood.ThresholdPolicy(len(policies), policies...)
	opened, err := note.Open(signed, all)
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	head, err := torchwood.ParseCheckpoint(opened.Text)
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	for _, signature := range opened.Sigs {
		if signature.Name == head.Origin {
			return head, all.Check(head.Origin, opened.Sigs)
		}
	}
	return torchwood.Checkpoint{}, errors.New("no key under the log's own name is among them")
}
