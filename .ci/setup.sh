# Set-up and build, sourced by tests/run.sh and examples/quickstart.sh.
#
#   install_packages GROUP...     installs what is missing of those groups of .ci/packages
#   build_preset PRESET [TARGET]  configures and builds build/PRESET
#
# Both work from any folder and need bash alone. Messages go to stderr.

project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Names of the packages of the given groups that are not installed, one a line.
missing_packages() {
  local name groups wanted status
  while read -r name groups; do
    [[ -z $name || $name == \#* ]] && continue
    for wanted in "$@"; do
      [[ " $groups " == *" $wanted "* ]] || continue
      status=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) || status=""
      [[ $status == installed ]] || echo "$name"
      break
    done
  done <"$project_root/.ci/packages"
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  else
    sudo "$@"
  fi
}

install_packages() {
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} == 0 ]] && return 0
  echo "installing from the distribution: ${missing[*]}" >&2
  if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
    echo "error: not root, and there is no sudo. Ask an administrator to run:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    return 1
  fi
  local -a options=(-q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" update >&2 || return 1
  with_services_stopped as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" \
    install -y --no-install-recommends "${missing[@]}" >&2
}

# The packages of servers start them, unless a policy forbids it; tests start their own.
with_services_stopped() {
  local policy=/usr/sbin/policy-rc.d result=0
  if [[ -e $policy ]]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null || return 1
  as_root chmod 0755 "$policy"
  "$@" || result=$?
  as_root rm -f "$policy"
  return "$result"
}

# ccache wants a folder it may write; a service's account often has no home.
choose_ccache_folder() {
  if [[ -z ${CCACHE_DIR:-} && ! -w ${HOME:-/nonexistent} ]]; then
    export CCACHE_DIR=$project_root/build/ccache
  fi
}

build_preset() {
  local preset=$1
  shift
  choose_ccache_folder
  (cd "$project_root" && cmake --preset "$preset" >&2) || return 1
  cmake --build "$project_root/build/$preset" -j "$(nproc)" ${1:+--target "$@"} >&2
}
