--- What a learned policy never opens by itself: secrets, system files, and directories
-- that have such beneath them. Pure: paths in, reasons out.

local guarded = {}

local function set(text)
  local names = {}
  for name in text:gmatch "%S+" do names[name] = true end
  return names
end

-- Beneath a home: keys, passwords, tokens, cookies, histories.
local in_home = set [[.ssh .gnupg .aws .azure .kube .docker .netrc .git-credentials .pgpass
  .my.cnf .npmrc .pypirc .password-store .pki .mozilla .thunderbird .bash_history
  .zsh_history .python_history .psql_history .cargo/credentials .cargo/credentials.toml
  .config/gh .config/gcloud .config/git/credentials .config/google-chrome .config/chromium
  .config/BraveSoftware .config/microsoft-edge .config/hub .config/rclone
  .local/share/keyrings .gem/credentials .terraform.d .vault-token]]

local of_system = set [[/etc/shadow /etc/shadow- /etc/gshadow /etc/gshadow- /etc/ssl/private
  /etc/ssh /etc/sudoers /etc/sudoers.d /etc/krb5.keytab /etc/wireguard
  /etc/NetworkManager/system-connections /proc/kcore /dev/mem /dev/kmem /dev/port
  /run/docker.sock /run/containerd /run/secrets]]

-- Wherever they are.
local by_name = { "^id_%l[%w_]*$", "^[Cc]ookies", "^%.netrc$", "^%.git%-credentials$",
  "^%.pgpass$", "^logins%.json$", "^key%d%.db$" }

-- Too much is beneath them to be opened because one thing was.
local wide = set [[/ /boot /dev /etc /home /media /mnt /proc /root /run /srv /sys /var
  /run/user /var/cache /var/lib /var/log /var/spool]]

-- What belongs to the system: a program that writes there changes the machine.
local system = set "/bin /boot /dev /etc /lib /lib32 /lib64 /proc /sbin /sys /usr"

-- Devices that are anyone's.
local harmless = set [[/dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
  /dev/ptmx /dev/pts /dev/shm /dev/fd]]

local function is_beneath(path, top)
  return path == top or path:sub(1, #top + 1) == (top == "/" and top or top .. "/")
end

--- The judge of a user whose home directories are in the list homes; those in /home and
-- root's are known. Its methods return a reason, or nil.
local Judge = {}
Judge.__index = Judge

function guarded.new(homes)
  local list = { "/root" }
  for _, home in ipairs(homes) do list[#list + 1] = home end
  return setmetatable({ homes = list }, Judge)
end

-- The directories above a path, itself first.
local function chain(path)
  return function(_, at)
    if not at then return path end
    if at == "/" then return nil end
    return at:match "^(/.*)/[^/]*$" or "/"
  end
end

local function is_home(self, dir)
  if dir:find "^/home/[^/]+$" then return true end
  for _, home in ipairs(self.homes) do
    if dir == home and home ~= "/" then return true end
  end
  return false
end

--- A path that is a secret, or is beneath one.
function Judge:secret(path)
  local name = path:match "[^/]*$"
  for _, pattern in ipairs(by_name) do
    if name:find(pattern) then return "it is a secret" end
  end
  for dir in chain(path) do
    if of_system[dir] then return "it is a secret" end
    if is_home(self, dir) then
      for at in chain(path) do
        if #at > #dir and in_home[at:sub(#dir + 2)] then return "it is a secret" end
      end
    end
  end
end

--- A directory that is not opened because of what is, or may be, beneath it.
function Judge:directory(path)
  if wide[path] then return "all that is beneath would be open, too" end
  if is_home(self, path) then return "secrets are beneath it" end
  for _, home in ipairs(self.homes) do
    if is_beneath(home, path) then return ("the home %s is beneath it"):format(home) end
  end
  for secret in pairs(of_system) do
    if is_beneath(secret, path) then return ("%s is beneath it"):format(secret) end
  end
  for dir in chain(path) do
    if is_home(self, dir) then
      local rest = path:sub(#dir + 2)
      for name in pairs(in_home) do
        if is_beneath(name, rest) then return ("%s/%s is beneath it"):format(dir, name) end
      end
    end
  end
end

--- A path that belongs to the system: of devices to read one is no less.
function Judge.system(_, path, right)
  if right == "read" and not is_beneath(path, "/dev") then return nil end
  for dir in chain(path) do
    if harmless[dir] or dir == "/usr/local" then return nil end
    if system[dir] then return "it belongs to the system" end
  end
end

--- Why a right ("read" or "write") on a path is not granted, or nil.
function Judge:reason(path, right, is_directory)
  return self:secret(path) or self:system(path, right)
    or is_directory and not harmless[path] and self:directory(path) or nil
end

return guarded
