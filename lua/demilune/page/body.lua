--- What stands on the page before its script fills it.
return [[
<header>
<h1 id="title">A run under demilune</h1>
<div id="ending" class="faint"></div>
<ul id="facts"></ul>
</header>
<h2>Refused, changed, and failed handlers</h2>
<div id="troubles" class="panel rows"></div>
<h2>Programs <span class="faint">(click one to see only what it did)</span></h2>
<div id="tree" class="panel rows"></div>
<div id="tools" role="tablist">
<button data-view="files">Files</button>
<button data-view="hosts">Hosts</button>
<button data-view="counts">Counts</button>
<button data-view="events">Events</button>
<button data-view="words">Printed</button>
<input id="search" type="search" placeholder="Search: words that must all be there"
  aria-label="Search">
</div>
<div id="list" class="panel rows"></div>
<div id="shown" class="faint"></div>
<noscript>This page shows its records with a script; they are in its source.</noscript>
]]
