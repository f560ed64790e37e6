--- How the page looks: light or dark as the reader's system is.
return [[
:root { color-scheme: light dark; --back: #fbfbfa; --text: #1d2021; --faint: #6a7075;
  --line: #dcdedf; --panel: #fff; --bad: #b3261e; --warn: #8a5a00; --bar: #4a7fb5;
  --mark: #e8f0f8; }
@media (prefers-color-scheme: dark) { :root { --back: #16181a; --text: #e4e6e8;
  --faint: #969ca3; --line: #33373b; --panel: #1e2124; --bad: #ff8a80; --warn: #f0b95a;
  --bar: #5b93cc; --mark: #26313c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1400px; padding: 16px 20px; background: var(--back);
  color: var(--text); font: 14px/1.45 system-ui, sans-serif; }
h1 { font-size: 18px; margin: 0 0 2px; overflow-wrap: anywhere; }
h2 { font-size: 14px; margin: 20px 0 6px; }
.faint { color: var(--faint); }
.bad { color: var(--bad); }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
#facts { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 8px 0 0; padding: 0;
  list-style: none; }
#facts b { font-variant-numeric: tabular-nums; }
.rows { overflow: auto; position: relative; font: 12px/20px ui-monospace, monospace; }
.row { position: absolute; left: 0; right: 0; height: 20px; display: flex; gap: 14px;
  padding: 0 10px; white-space: pre; overflow: hidden; }
.row > * { flex: none; overflow: hidden; text-overflow: ellipsis; }
.row > .rest { flex: 1 1 0; min-width: 0; }
.row:hover { background: var(--mark); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
#tree .row { cursor: pointer; }
#tree .row.chosen { background: var(--mark); font-weight: 600; }
.track { position: relative; flex: 0 0 38% !important; }
.track i { position: absolute; top: 5px; height: 10px; min-width: 2px; border-radius: 2px;
  background: var(--bar); }
.track i.failed { background: var(--bad); }
#tools { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 20px 0 6px; }
#tools input { flex: 1 1 260px; padding: 6px 9px; font: inherit; color: inherit;
  background: var(--panel); border: 1px solid var(--line); border-radius: 5px; }
#tools button { padding: 5px 11px; font: inherit; color: inherit; cursor: pointer;
  background: var(--panel); border: 1px solid var(--line); border-radius: 5px; }
#tools button[aria-selected=true] { border-color: var(--bar); background: var(--mark); }
#shown { margin: 6px 0 30px; }
]]
