#!/bin/bash
# From nothing to migrations that are checked, applied, and undone: on a bare Debian 12, as root or
# as a user with sudo.
#
#   examples/quickstart.sh [FOLDER]
#
# Installs what is missing, builds build/release/bin/engine, and tells a story in two acts: 13,463
# rows of four tables are promoted from one SQLite database to another by plans/promotion.yaml, then
# 22,300 rows of seven tables move under new ids, with every reference following. Everything happens
# in FOLDER (default build/quickstart), whose two folders are emptied first. With ENGINE_BINARY set,
# that engine is used and nothing is installed or built.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/../.ci/setup.sh"
source "$project_root/examples/story.sh"
source "$project_root/examples/quickstart/first_act.sh"
source "$project_root/examples/quickstart/second_act.sh"

story=quickstart
unset DRY_RUN
mkdir -p "${1:-$project_root/build/quickstart}"
folder=$(cd "${1:-$project_root/build/quickstart}" && pwd)
prepare_engine
SECONDS=0

enter "$folder/promotion"
first_act
enter "$folder/takeover"
second_act

printf '\n%s\n' "quickstart: ok: $promoted rows promoted, 0 on the second run, 28 of 28 changed rows moved, \
1 bad row stopped, 3 runs undone to the first contents; $moved rows under new ids, every reference \
followed, 1 orphan stopped, undone; $SECONDS s"
