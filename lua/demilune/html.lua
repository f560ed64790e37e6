--- --html FILE: one page that needs no network, with what happened in a run. The
-- records are written as they come, below the script that shows them: a page whose run
-- was cut off shows what there is.
local output = require "demilune.output"

local html = {}

local Page = {}
Page.__index = Page

-- The policy of the page forbids every request: what a program called its files must
-- not be able to fetch anything.
local head = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>demilune</title>
<style>%s</style>
</head>
<body>
%s
<script>%s</script>
<script type="application/json" id="records">
]]

--- A page in a new file. encode is demilune.json's. Returns nil, message.
function html.open(core, path, encode)
  local out, message = output.open(core, path)
  if not out then return nil, message end
  out:write(head:format(require "demilune.page.style", require "demilune.page.body",
    require "demilune.page.script"))
  return setmetatable({ out = out, encode = encode }, Page)
end

--- Adds a record. "<" is escaped: no text can end the script element it stands in.
function Page:add(record)
  self.out:write(self.encode(record):gsub("<", "\\u003c") .. "\n")
end

--- The end of the file. Returns true, or nil, message.
function Page:close()
  self.out:write "</script>\n</body>\n</html>\n"
  return self.out:close()
end

return html
