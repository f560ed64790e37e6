# demo.sh DEMILUNE - shows a policy, then what it changes
set -u
policy=examples/hostname.lua
program='cat /etc/hostname; head -n 1 /etc/passwd'

printf '\n$ cat %s\n' $policy
cat $policy
printf '\n$ sh -c "%s"\n' "$program"
sh -c "$program"
printf '\n$ demilune run %s -- sh -c "%s"\n' $policy "$program"
"$1" run $policy -- sh -c "$program" 2>&1
exit 0
