#!/bin/sh
# Regenerates src/frontends/container/generated from grammar/pulsec.fbs.
# Needs flatc (Debian: apt-get install flatbuffers-compiler). Its imports get the .js that Node's modules ask for.
set -eu
cd "$(dirname "$0")/.."
out=${1:-src/frontends/container/generated}
command -v flatc >/dev/null || { echo "flatc is missing: apt-get install flatbuffers-compiler" >&2; exit 1; }
rm -rf "$out"
flatc --ts --gen-all -o "$out" grammar/pulsec.fbs
sed -i -E "s#from '(\./[a-z_-]+)'#from '\1.js'#" "$out"/*.ts
