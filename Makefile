# demilune: one build, no configure step. The targets that a stranger needs:
#   make demo      a policy changes what a real program does
#   make check     everything that is promised, tried
PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
BINDIR     ?= $(PREFIX)/bin
LUADIR     ?= $(PREFIX)/share/lua/5.4
LUALIBDIR  ?= $(PREFIX)/lib/lua/5.4
LUA        ?= lua5.4
PKG_CONFIG ?= pkg-config
CFLAGS     ?= -O2 -g
WARN        = -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wvla -Werror=implicit
# expanded when a recipe runs: `need` may have to install pkg-config first
CPPFLAGS   += -D_GNU_SOURCE -Iinclude -Isrc '-DDEMI_LUA_CPATH="/usr/lib/$(MULTIARCH)/lua/5.4/?.so"' \
	$(shell $(PKG_CONFIG) --cflags $(LUA) libseccomp libcap-ng)
COMPILE     = -std=gnu11 -fPIC -fvisibility=hidden -pthread $(WARN) $(CPPFLAGS)
LDLIBS      = $(shell $(PKG_CONFIG) --libs libseccomp libcap-ng) -pthread
B          ?= build
ENGINE      = $(patsubst %.c,$B/%.o,$(filter-out src/main.c,$(wildcard src/*.c src/perform/*.c src/explain/*.c))) $B/tables.o
DENIED      = $B/denied.o
BORDER      = $(patsubst %.c,$B/%.o,$(wildcard src/lua/*.c))
MODULES     = $(shell find lua -name '*.lua' | sort)
MULTIARCH   = $(shell $(CC) -print-multiarch)
VERSION     = 0.1.0
INSTALL     = B=$B DESTDIR='$(DESTDIR)' PREFIX=$(PREFIX) LIBDIR=$(LIBDIR) BINDIR=$(BINDIR) \
	LUADIR=$(LUADIR) LUALIBDIR=$(LUALIBDIR) VERSION=$(VERSION) sh src/install.sh
# Debian's packages: what a build needs, and what the tests need besides
NEEDS       = gcc pkg-config lua5.4 liblua5.4-dev libseccomp-dev libcap-ng-dev lua-dkjson
CHECK_NEEDS = g++ clang cppcheck gcc-aarch64-linux-gnu libc6-dev-arm64-cross luarocks \
	lua-busted lua-check procps util-linux python3 git lua-socket strace curl sqlite3 redis-server chromium
BENCH_NEEDS = strace bubblewrap
PROGRAMS    = $(patsubst %.c,$B/%,$(wildcard spec/*.c spec/attacks/*.c examples/*.c))
BENCHES     = $(patsubst %.c,$B/%,$(wildcard bench/*.c))
all: $B/bin/demilune $B/lua/demilune/core.so $B/libdemilune.a $B/libdemilune.so
$B/%.o: %.c Makefile | need
	$(CC) $(COMPILE) $(CFLAGS) -MMD -MP -c -o $@ $<
$B/embedded.c: src/embed.lua $(MODULES) Makefile | need
	$(LUA) src/embed.lua $(MODULES) > $@.tmp && mv $@.tmp $@
$B/tables.o $B/embedded.o $(DENIED): $B/%.o: $B/%.c src/denied.h src/syscalls.h src/embedded.h include/demilune.h
	$(CC) $(COMPILE) $(CFLAGS) -c -o $@ $<
$B/tables.c: src/tables.lua src/calls.def Makefile | need
	sed -n 's/^include /#include /p' src/calls.def | $(CC) $(CPPFLAGS) -E -dM - | \
		$(LUA) src/tables.lua src/calls.def > $@.tmp && mv $@.tmp $@
$B/denied.c: $B/src/gen/denied.o $(ENGINE)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $B/denied $^ $(LDLIBS) && $B/denied > $@.tmp && mv $@.tmp $@
$B/libdemilune.a: $(ENGINE) $(DENIED)
	rm -f $@ && $(AR) rcs $@ $^
$B/libdemilune.so: $(ENGINE) $(DENIED)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-z,nodelete,-soname,libdemilune.so.0 -o $@ $^ $(LDLIBS)
	ln -sf libdemilune.so $B/libdemilune.so.0
$B/lua/demilune/core.so: $(BORDER) $(ENGINE) $(DENIED)	# no -llua: lua5.4 has it inside
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-z,nodelete -o $@ $^ $(LDLIBS)
$B/bin/demilune: $B/src/main.o $B/embedded.o $(BORDER) $(ENGINE) $(DENIED)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(shell $(PKG_CONFIG) --libs $(LUA))
demo: all
	sh examples/demo.sh $B/bin/demilune
check: lint cross specs
specs: all $(PROGRAMS)
	DEMILUNE_BUILD=$B LUA=$(or $(HOST),$(LUA)) $(LUA) spec/all.lua $(SPECS)
# Everything of ours is sanitized, and busted's Lua with it; not the programs that run
# under it, nor what is "#plain": it loads or links the library in a program that is not.
asan: | need
	$(MAKE) B=$B/asan HOST=$B/asan/spec/lua SPECS='$(or $(SPECS),--exclude-tags=plain spec)' specs \
		CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
lint: | need
	sh spec/lint.sh $(COMPILE) -O2
cross: | need
	sh spec/cross.sh $B/aarch64 $(COMPILE) -O2
vm:
	sh spec/vm.sh $(KERNEL) $(SPECS)
bench: all $(BENCHES)
	$(LUA) bench/run.lua
	$(LUA) bench/audit.lua
$(PROGRAMS) $(BENCHES): $B/%: %.c $B/libdemilune.a Makefile
	$(CC) -std=gnu11 $(WARN) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(MORE) $B/libdemilune.a $(LDLIBS)
$(patsubst %.c,$B/%,$(shell grep -L 'include "\|<demilune.h\|<lua.h' spec/*.c; ls spec/attacks/*.c)): private override CFLAGS = -O2 -g
$B/spec/lua $B/spec/memerr: MORE = $(shell $(PKG_CONFIG) --libs $(LUA))
install: all
	$(INSTALL) lua library
install-lua: all	# what a rock holds
	$(INSTALL) lua
# demo and check install what is missing; other targets leave the machine alone
need:
	@mkdir -p $B/bin $B/lua/demilune $B/src/gen $(sort $(dir $(ENGINE) $(BORDER) $(PROGRAMS) $(BENCHES)))
	@sh src/need.sh $(if $(filter demo check bench asan,$(MAKECMDGOALS)),$(NEEDS)) \
		$(if $(filter check asan,$(MAKECMDGOALS)),$(CHECK_NEEDS)) $(if $(filter bench,$(MAKECMDGOALS)),$(BENCH_NEEDS))
clean:
	rm -rf $B
-include $(wildcard $B/src/*.d $B/src/*/*.d)
.PHONY: all demo check lint cross specs asan vm bench install install-lua need clean
