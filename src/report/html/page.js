
"use strict";
(function () {
  var form = document.getElementById("filter");
  if (!form) return;
  var articles = Array.from(document.querySelectorAll("article"));
  var sections = Array.from(document.querySelectorAll("section"));
  var texts = articles.map(function (a) {
    return (a.parentNode.dataset.file + " " + a.textContent).toLowerCase();
  });
  function apply() {
    var severities = new Set();
    form.querySelectorAll("input[name=severity]:checked").forEach(function (box) { severities.add(box.value); });
    var rule = form.elements.rule.value;
    var file = form.elements.file.value;
    var words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    articles.forEach(function (a, i) {
      var yes = severities.has(a.dataset.severity) && (!rule || a.dataset.rule === rule) &&
        (!file || a.parentNode.dataset.file === file) &&
        words.every(function (word) { return texts[i].includes(word); });
      a.hidden = !yes;
      if (yes) shown += 1;
    });
    sections.forEach(function (s) { s.hidden = !s.querySelector("article:not([hidden])"); });
    document.getElementById("none").hidden = shown !== 0;
    document.getElementById("count").textContent =
      (shown === articles.length ? "" : shown + " of ") + articles.length + " finding" + (articles.length === 1 ? "" : "s");
  }
  // What is chosen stands in the address, so that it can be sent to somebody: #severity=high&rule=...
  function remember() {
    var chosen = new URLSearchParams();
    var boxes = Array.from(form.querySelectorAll("input[name=severity]:not(:disabled)"));
    var checked = boxes.filter(function (box) { return box.checked; });
    if (checked.length !== boxes.length) chosen.set("severity", checked.map(function (box) { return box.value; }).join(" "));
    ["rule", "file", "text"].forEach(function (name) {
      if (form.elements[name].value) chosen.set(name, form.elements[name].value);
    });
    var words = chosen.toString();
    try { history.replaceState(null, "", words ? "#" + words : location.pathname + location.search); } catch (refused) { /* a page in a frame may not */ }
  }
  function recall() {
    var chosen = new URLSearchParams(location.hash.slice(1));
    var severities = chosen.has("severity") ? chosen.get("severity").split(" ") : null;
    form.querySelectorAll("input[name=severity]").forEach(function (box) {
      box.checked = !severities || severities.includes(box.value);
    });
    ["rule", "file", "text"].forEach(function (name) {
      form.elements[name].value = chosen.get(name) || "";
      // A rule or file that is not in this report chooses nothing.
      if (form.elements[name].selectedIndex === -1) form.elements[name].value = "";
    });
    apply();
  }
  form.hidden = false;
  form.addEventListener("input", function () { apply(); remember(); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("hashchange", recall);
  recall();
})();
