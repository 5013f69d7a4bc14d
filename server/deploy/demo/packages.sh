# SPDX-License-Identifier: GPL-2.0-or-later
# packages.sh: Debian packages by task. Sourced by ./run; installs only what is missing, by name, without versions.

packages_build="gcc libc6-dev meson ninja-build pkg-config gettext libglib2.0-dev libgtk-4-dev libgtk-4-bin libadwaita-1-dev libsoup-3.0-dev
  libjson-glib-dev libpq-dev libmodbus-dev libxlsxwriter-dev libzip-dev libxml2-dev libsodium-dev libicu-dev libgnutls28-dev libsystemd-dev
  libpoppler-glib-dev libcmark-dev libqrencode-dev libpango1.0-dev python3"
packages_runtime="curl postgresql postgresql-client glib-networking fonts-noto-cjk fonts-dejavu-core openssl util-linux procps iproute2"
packages_client="libgtk-4-bin adwaita-icon-theme dbus librsvg2-common"
packages_test="xvfb xauth dbus dbus-x11 adwaita-icon-theme librsvg2-common poppler-utils python3-openpyxl python3-pymodbus python3-serial-asyncio libreoffice-calc-nogui
  fontconfig curl wrk"

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "missing packages need root or sudo: $*"
  fi
}

need_packages() { # groups
  local group name missing=()
  command -v dpkg-query >/dev/null || die "this script installs Debian packages; on another system install the lists in server/deploy/demo/packages.sh"
  for group; do
    group=packages_$group
    for name in ${!group}; do
      [ "$(dpkg-query -W -f='${Status}' "$name" 2>/dev/null)" = "install ok installed" ] || missing+=("$name")
    done
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  say "Installing ${#missing[@]} packages: ${missing[*]}"
  as_root apt-get update -q >/dev/null || die "the package lists could not be read"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null </dev/null ||
    die "these packages could not be installed: ${missing[*]}"
}
