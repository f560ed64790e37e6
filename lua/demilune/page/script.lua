--- The script of the page: reads the records, fills the lists. Only the rows that are in
-- sight exist, so that a hundred thousand of them scroll. Text of the program's is set as
-- textContent, never as markup.
return [==[
"use strict";
document.addEventListener("DOMContentLoaded", () => {
const ROW = 20;
const $ = id => document.getElementById(id);

/* bytes that are no UTF-8 stand as lone surrogates: show them as \377 */
const show = s => String(s ?? "").replace(/[\udc80-\udcff](?![\udc00-\udfff])/g, (c, i, all) =>
  i > 0 && all.charCodeAt(i - 1) >= 0xd800 && all.charCodeAt(i - 1) < 0xdc00 ? c
    : "\\" + (c.charCodeAt(0) & 0xff).toString(8)).replace(/[\0-\x1f\x7f-\x9f]/g, c =>
  c === "\n" ? "\\n" : c === "\t" ? "\\t" : "\\" + c.charCodeAt(0).toString(8).padStart(3, "0"));

function read() {
  const records = [];
  for (const line of $("records").textContent.split("\n")) {
    if (!line) continue;
    try { records.push(JSON.parse(line)); } catch (e) { /* cut off in mid-line */ }
  }
  return records;
}

/* a list of rows; cells(item) gives [text, width in ch or 0 for the rest, class] */
function list(box, height, cells, onclick) {
  const inner = document.createElement("div");
  box.append(inner);
  let items = [], chosen = null;
  const draw = () => {
    const from = Math.max(0, Math.floor(box.scrollTop / ROW) - 5);
    const to = Math.min(items.length, from + Math.ceil(height / ROW) + 12);
    inner.replaceChildren();
    for (let i = from; i < to; i++) {
      const row = document.createElement("div");
      row.className = "row" + (items[i] === chosen ? " chosen" : "");
      row.style.top = i * ROW + "px";
      for (const cell of cells(items[i])) {
        if (cell instanceof Node) { row.append(cell); continue; }
        const part = document.createElement("span");
        part.textContent = show(cell[0]);
        part.title = part.textContent;
        if (cell[1]) part.style.width = cell[1] + "ch"; else part.classList.add("rest");
        if (cell[2]) part.className += " " + cell[2];
        row.append(part);
      }
      if (onclick) row.onclick = () => {
        chosen = chosen === items[i] ? null : items[i];
        onclick(chosen);
        draw();
      };
      inner.append(row);
    }
  };
  box.addEventListener("scroll", draw);
  return next => {
    items = next;
    const full = items.length * ROW;
    inner.style.height = full + "px";
    box.style.height = Math.min(height, full + 2) + "px";
    if (box.scrollTop > full) box.scrollTop = 0;
    draw();
  };
}

const records = read();
const of = type => records.filter(r => r.type === type);
const calls = of("call"), execs = of("exec"), ends = of("end"), actions = of("action");
const errors = of("error"), exit = of("exit")[0], start = of("start")[0];
const times = records.filter(r => r.time_ns).map(r => r.time_ns);
const first = start ? start.time_ns : times.reduce((a, b) => Math.min(a, b), Infinity);
const last = times.reduce((a, b) => Math.max(a, b), first);
const seconds = ns => ((ns - first) / 1e9).toFixed(3);
const by = (a, b) => a < b ? -1 : a > b ? 1 : 0;

$("title").textContent = start ? show(start.command) : "A run under demilune";
document.title = $("title").textContent + " - demilune";
$("ending").textContent = exit ? "ended: " + exit.reason
  + (exit.exit_code !== undefined ? " with status " + exit.exit_code : "")
  + (exit.signal ? " by " + exit.signal : "") + ", " + seconds(last) + " s"
  : "the page was cut off before the run ended";

/* files and hosts, each once */
const files = new Map(), hosts = new Map();
for (const call of calls) {
  for (const [path, how] of call.files || []) {
    const file = files.get(path) || { path, how: new Set(), n: 0, pids: new Set() };
    how.forEach(h => file.how.add(h)); file.n++; file.pids.add(call.tgid);
    files.set(path, file);
  }
  if (call.host) {
    const key = call.call + " " + call.host;
    const host = hosts.get(key) || { host: call.host, call: call.call, n: 0, pids: new Set() };
    host.n++; host.pids.add(call.tgid);
    hosts.set(key, host);
  }
}
const counted = new Map();
for (const call of calls) {
  const key = call.call + "\0" + call.comm;
  const one = counted.get(key) || { call: call.call, comm: call.comm, n: 0, pids: new Set() };
  one.n++; one.pids.add(call.tgid);
  counted.set(key, one);
}

for (const [what, n] of [["calls seen", calls.length], ["not kept", exit ? exit.left_out || 0 : 0],
  ["programs", execs.length], ["files", files.size], ["hosts", hosts.size],
  ["refused or changed", actions.length], ["handler errors", errors.length]]) {
  if (what === "not kept" && !n) continue;
  const item = document.createElement("li"), number = document.createElement("b");
  number.textContent = n.toLocaleString("en");
  if (n && /refused|errors|not kept/.test(what)) number.className = "bad";
  item.append(number, " " + what);
  $("facts").append(item);
}

const troubles = [...errors.map(e => ({ ...e, text: e.message + " (" + e.outcome + ")" })),
  ...actions.map(a => ({ ...a, text: a.text + "  =>  " + a.action }))]
  .sort((a, b) => a.time_ns - b.time_ns);
if (troubles.length) {
  list($("troubles"), 200, t => [[seconds(t.time_ns), 10, "number faint"], [t.pid, 8, "number"],
    [t.type === "error" ? "error" : t.comm, 15, "bad"], [t.text, 0]])(troubles);
} else {
  $("troubles").textContent = " Nothing was refused, and no handler failed.";
  $("troubles").style.padding = "6px 10px";
}

/* programs: an end belongs to the last program of its process that began before it */
const tree = [];
for (const exec of execs) exec.end = last;
for (const end of ends) {
  const mine = execs.filter(e => e.pid === end.pid && e.time_ns <= end.time_ns).pop();
  if (mine) Object.assign(mine, { end: end.time_ns, ended: true, exit_code: end.exit_code,
    signal: end.signal });
}
for (let i = 0; i < execs.length; i++) {
  const next = execs.find((e, j) => j > i && e.pid === execs[i].pid && e.is_same_process);
  if (next) Object.assign(execs[i], { end: next.time_ns, replaced: true });
}
(function visit(parent, depth) {
  for (const exec of execs.filter(e => (e.parent_id ?? null) === parent)) {
    exec.depth = depth;
    tree.push(exec);
    visit(exec.id, depth + 1);
  }
})(null, 0);
const status = e => e.replaced ? "exec" : e.exit_code ?? e.signal ?? (e.ended ? "?" : "");
let chosen = null;
const drawTree = list($("tree"), 300, e => {
  const track = document.createElement("span"), bar = document.createElement("i");
  track.className = "track";
  const span = Math.max(last - first, 1);
  bar.style.left = 100 * (e.time_ns - first) / span + "%";
  bar.style.width = 100 * (e.end - e.time_ns) / span + "%";
  bar.title = seconds(e.time_ns) + " s to " + seconds(e.end) + " s";
  if (e.signal || e.exit_code > 0) bar.className = "failed";
  track.append(bar);
  return [[e.pid, 8, "number faint"], [((e.end - e.time_ns) / 1e9).toFixed(3) + " s", 10, "number"],
    [status(e), 8, e.signal || e.exit_code > 0 ? "bad" : "faint"],
    ["  ".repeat(e.depth) + e.command, 0], track];
}, e => { chosen = e; update(); });
drawTree(tree);

const letters = { read: "r", write: "w", create: "c", remove: "d", execute: "x", change: "m",
  look: "s" };
const views = {
  files: { items: [...files.values()].sort((a, b) => by(a.path, b.path)),
    text: f => f.path + " " + [...f.how].join(" "),
    cells: f => [[Object.keys(letters).map(h => f.how.has(h) ? letters[h] : "-").join(""), 8],
      [f.n, 8, "number"], [f.path, 0]] },
  hosts: { items: [...hosts.values()].sort((a, b) => b.n - a.n), text: h => h.host + " " + h.call,
    cells: h => [[h.n, 8, "number"], [h.call, 10], [h.host, 0]] },
  counts: { items: [...counted.values()].sort((a, b) => b.n - a.n),
    text: c => c.call + " " + c.comm,
    cells: c => [[c.n, 8, "number"], [c.call, 18], [c.comm, 0]] },
  events: { items: calls, text: c => c.text + " " + c.comm + " " + c.pid,
    cells: c => [[seconds(c.time_ns), 10, "number faint"], [c.pid, 8, "number"], [c.comm, 15],
      [c.text, 0]] },
  words: { items: records.filter(r => r.type === "print").map(r => r.text), text: t => t,
    cells: t => [[t, 0]] },
};
let view = views.files, search = null, lower = new WeakMap();
const drawList = list($("list"), 460, item => view.cells(item));
function haystack(item) {
  if (typeof item === "string") return item.toLowerCase();
  let text = lower.get(item);
  if (text === undefined) lower.set(item, text = show(view.text(item)).toLowerCase());
  return text;
}
function update() {
  const words = (search || "").toLowerCase().split(/\s+/).filter(w => w);
  const mine = item => !chosen || (item.pids ? item.pids.has(chosen.pid)
    : item.tgid === chosen.pid);
  const items = view.items.filter(i => mine(i) && words.every(w => haystack(i).includes(w)));
  drawList(items);
  $("shown").textContent = items.length.toLocaleString("en") + " of "
    + view.items.length.toLocaleString("en")
    + (chosen ? " (only process " + chosen.pid + ")" : "")
    + (view === views.files ? " \u2003 r read, w written, c created, d removed, x executed, "
      + "m attributes changed, s looked at; what was asked for: the page does not know whether "
      + "a call succeeded" : "");
}
for (const button of document.querySelectorAll("#tools button")) {
  button.setAttribute("role", "tab");
  button.textContent += " " + views[button.dataset.view].items.length.toLocaleString("en");
  button.onclick = () => {
    view = views[button.dataset.view];
    for (const b of document.querySelectorAll("#tools button"))
      b.setAttribute("aria-selected", b === button);
    $("list").scrollTop = 0;
    lower = new WeakMap();
    update();
  };
}
$("search").oninput = () => { search = $("search").value; update(); };
document.querySelector("#tools button").click();
document.body.dataset.ready = records.length;
});
]==]
