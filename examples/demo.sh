# demo.sh DEMILUNE - shows a policy, then what it changes
set -u
policy=examples/hostname.lua
show() {
	printf '\n$ %s\n' "$*"
	"$@" 2>&1
}
show cat $policy
show sh -c 'cat /etc/hostname; head -n 1 /etc/passwd'
printf '\n$ demilune run %s -- sh -c "cat /etc/hostname; head -n 1 /etc/passwd"\n' $policy
"$1" run $policy -- sh -c 'cat /etc/hostname; head -n 1 /etc/passwd' 2>&1
exit 0
