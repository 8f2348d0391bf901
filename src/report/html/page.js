
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
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  apply();
})();
