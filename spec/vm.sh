#!/bin/sh
# vm.sh KERNEL [SPEC...]: the specs in a virtual machine of Debian 12 with another kernel,
# as root and as nobody, under version 2 of cgroups(7). KERNEL is a package's name without
# linux-image-. Wants mmdebstrap, qemu-system-x86 and mke2fs, and root. ACCEL=tcg where KVM
# is not there, or is itself in a virtual machine: that takes ten times as long.
set -eu
kernel=$1
shift
vm=${VM:-build/vm} root=${VM:-build/vm}/root-$kernel
packages=linux-image-$kernel,initramfs-tools,zstd,kmod,iproute2,make,gcc,pkg-config,lua5.4,liblua5.4-dev
packages=$packages,libseccomp-dev,libcap-ng-dev,lua-dkjson,lua-busted,lua-socket,luarocks,procps,python3
packages=$packages,git,strace,curl,sqlite3,redis-server
[ -d "$root" ] || mmdebstrap --variant=minbase --include="$packages" bookworm "$root" \
	"deb http://deb.debian.org/debian bookworm main" \
	"deb http://deb.debian.org/debian-security bookworm-security main"

cat > "$root/vm-init" <<'INIT'
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
mount -t proc proc /proc; mountpoint -q /sys || mount -t sysfs sys /sys; mount -t tmpfs -o mode=1777 tmp /tmp
mkdir -p /dev/pts /dev/shm; mount -t devpts devpts /dev/pts; mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup; ln -sfn /proc/self/fd /dev/fd
echo "127.0.0.1 localhost" > /etc/hosts; ip link set lo up
cd /sys/fs/cgroup && mkdir -p user/leaf	# what systemd delegates to a user
for group in . user; do echo "+pids +memory" > $group/cgroup.subtree_control; done
chown -R 65534:65534 user
# not in /tmp: before Linux 6.6 tmpfs has no attributes
mkdir -p /srv/root && cd /srv/root && tar -xpf /dev/vdb && make -s all && build/bin/demilune doctor
for file in $(ls spec/*.c spec/*/*.c examples/*.c | grep -v capi.h); do make -s "build/${file%.c}"; done
run() {	# a file that hangs is ended; what failed is shown at once
	for file in ${SPECS//,/ }; do
		"$@" timeout -k 5 900 lua5.4 /usr/bin/busted -o spec/report.lua \
			"--lpath=lua/?.lua;lua/?/init.lua;?.lua" "--cpath=build/lua/?.so" "$file" < /dev/null ||
			echo "FAILED: $file"
	done
}
SPECS=${SPECS:-$(echo spec/*_spec.lua)}; echo "-- as root"; run
cp -a /srv/root /srv/nobody; mkdir /srv/nobody/tmp; chown -R 65534:65534 /srv/nobody; cd /srv/nobody
echo $$ > /sys/fs/cgroup/user/leaf/cgroup.procs
echo "-- as nobody"
run setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all env HOME="$PWD" TMPDIR="$PWD/tmp"
sync; echo o > /proc/sysrq-trigger; sleep 60
INIT
chmod +x "$root/vm-init"
mke2fs -q -F -t ext4 -d "$root" "$vm/root.img" 4G
tar --exclude=./.git --exclude=./build -cf "$vm/src.tar" .
exec qemu-system-x86_64 -accel "${ACCEL:-kvm}" -cpu max -m 3500 -smp 2 -nographic -no-reboot -net none \
	-kernel "$root/boot/vmlinuz-$kernel" -initrd "$root/boot/initrd.img-$kernel" \
	-append "root=/dev/vda rw console=ttyS0 quiet init=/vm-init panic=-1 SPECS=$(echo "$*" | tr ' ' ,)" \
	-drive "file=$vm/root.img,if=virtio,format=raw" -drive "file=$vm/src.tar,if=virtio,format=raw"
