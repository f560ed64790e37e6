# install.sh lua|library... - called by make, with the places in the environment
set -eu

lua() {	# the module and the command
	install -d "$DESTDIR$BINDIR" "$DESTDIR$LUADIR" "$DESTDIR$LUALIBDIR/demilune"
	install "$B/bin/demilune" "$DESTDIR$BINDIR/"
	install "$B/lua/demilune/core.so" "$DESTDIR$LUALIBDIR/demilune/"
	cp -R lua/demilune "$DESTDIR$LUADIR/"
}

library() {	# the C library and its pkg-config file
	include=$DESTDIR$PREFIX/include lib=$DESTDIR$LIBDIR
	install -d "$include" "$lib/pkgconfig"
	install -m 644 include/demilune.h "$include/"
	install -m 644 "$B/libdemilune.a" "$lib/"
	install -m 755 "$B/libdemilune.so" "$lib/libdemilune.so.0"
	ln -sf libdemilune.so.0 "$lib/libdemilune.so"
	sed "s|@PREFIX@|$PREFIX|; s|@LIBDIR@|$LIBDIR|; s|@VERSION@|$VERSION|" \
		src/demilune.pc.in >"$lib/pkgconfig/demilune.pc"
}

for part; do
	"$part"
done
