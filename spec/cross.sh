# cross.sh DIR FLAG... - compiles every C file for aarch64, warnings are errors
#
# DIR gets the few headers that Debian has for the own architecture only. Those of
# libseccomp, libcap-ng and Lua are the same for all but for one name; all of /usr/include
# would bring x86's <asm/unistd.h> with it, and with that x86's numbers.
set -eu
dir=$1
shift
mkdir -p "$dir"
ln -sf /usr/include/seccomp.h /usr/include/seccomp-syscalls.h /usr/include/cap-ng.h "$dir"
echo '#define DEB_HOST_MULTIARCH "aarch64-linux-gnu"' >"$dir/lua5.4-deb-multiarch.h"
echo "lint: aarch64"
find src spec examples bench -name '*.c' |
	xargs -P 2 -I{} aarch64-linux-gnu-gcc "$@" "-I$dir" -Werror -S -o - {} >/dev/null
