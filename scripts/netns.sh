#!/bin/bash
# Two real nodes in two network namespaces, joined over a line with tc netem where the kernel has it, and a third member
# that has no network and exchanges by bundle: docs/operating/federation.md and docs/operating/bundles.md, word by word.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd)
C="$ROOT/scripts/node $ROOT/src/main.ts"
D=$(mktemp -d /tmp/comity-netns-XXXXXX)
A=comity-a-$$ B=comity-b-$$
cleanup() { kill ${PA:-} ${PB:-} 2>/dev/null || true; wait 2>/dev/null || true; ip netns del $A 2>/dev/null || true; ip netns del $B 2>/dev/null || true; [ -n "${KEEP:-}" ] || rm -rf "$D"; }
trap cleanup EXIT
skip() { echo "skipped: $1"; exit 0; }
ip netns add $A 2>/dev/null || skip "this machine does not let us make network namespaces"
ip netns add $B
ip link add va$$ type veth peer name vb$$ 2>/dev/null || skip "this machine has no veth pairs"
ip link set va$$ netns $A; ip link set vb$$ netns $B
ip -n $A addr add 10.77.0.1/24 dev va$$; ip -n $B addr add 10.77.0.2/24 dev vb$$
for n in $A $B; do ip -n $n link set lo up; done
ip -n $A link set va$$ up; ip -n $B link set vb$$ up
WEAK="a plain line"
if ip netns exec $B tc qdisc add dev vb$$ root netem rate 64kbit delay 750ms loss 10% 2>/dev/null && ip netns exec $A tc qdisc add dev va$$ root netem rate 64kbit delay 750ms loss 10% 2>/dev/null; then WEAK="64 kbit/s, 1.5 s, 20 % loss"; fi
echo "line: $WEAK"
cd "$D"
$C init --member a.example --name "CERT A" --data-dir a >/dev/null
$C init --member b.example --name "Grid B" --data-dir b >/dev/null
$C init --member station.example --name "Station" --data-dir c --without-network >/dev/null
ip netns exec $A $C serve --data-dir a --host 10.77.0.1 --tls self-signed --allow-private --public-url https://10.77.0.1:7411 > a.log 2>&1 & PA=$!
ip netns exec $B $C serve --data-dir b --host 10.77.0.2 --tls self-signed --allow-private --public-url https://10.77.0.2:7411 > b.log 2>&1 & PB=$!
for _ in $(seq 300); do [ -f a/run.json ] && [ -f b/run.json ] && break; sleep 0.5; done
inA() { ip netns exec $A $C "$@" --data-dir a; }
inB() { ip netns exec $B $C "$@" --data-dir b; }
S=$SECONDS
INV=$(inA peer invite | head -1)
inB peer accept "$INV"
inA peer show b.example | grep words; inB peer show a.example | grep words
inA peer approve b.example; inB peer approve a.example
inA collection add Advisories --alias advisories --tlp GREEN --share peers
cat > b.json <<X
{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[{"type":"indicator","spec_version":"2.1","id":"indicator--22222222-2222-4222-8222-222222222222","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"loader","pattern":"[domain-name:value = 'x.example']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}]}
X
inA import b.json --collection advisories
for _ in $(seq 120); do inB search loader | grep -q indicator && break; sleep 2; done
inB search loader
echo "joined and received after $((SECONDS-S)) s"
inC() { $C "$@" --data-dir c; }
inC peer invite --out invitation.json
inA peer accept invitation.json --out answer.json
inC peer accept answer.json
inC peer approve a.example; inA peer approve station.example
inA bundle write --for station.example --out for-station.age
inC bundle read for-station.age
inC search loader
inC bundle write --for a.example --out for-a.age
inA bundle read for-a.age
inA deliveries --to station.example
inA trust show | head -4
inA peer list
echo "all of it after $((SECONDS-S)) s"
