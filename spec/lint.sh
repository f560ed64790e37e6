# lint.sh FLAG... - every C and Lua file under the checkers; a warning fails
#
# FLAG... is what the compiler is given. The build itself shows gcc's warnings but goes
# on; here they are errors, and clang's, too.
set -eu
sources=$(find src spec examples bench -name '*.c')

for compiler in gcc clang; do
	echo "lint: $compiler"
	printf '%s\n' $sources | xargs -P 2 -I{} $compiler "$@" -Werror -S -o - {} >/dev/null
done
echo "lint: cppcheck"	# which does not know __attribute__((cleanup)): leaks are make asan's
cppcheck --quiet -j 2 --error-exitcode=1 --std=c11 --inline-suppr \
	--enable=warning,portability,performance --suppress=missingIncludeSystem \
	--suppress=memleak --suppress=resourceLeak \
	-Iinclude -Isrc src
echo "lint: luacheck"
luacheck -q lua spec examples bench src
