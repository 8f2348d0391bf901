
"use strict";
for (const svg of document.querySelectorAll("svg")) {
  const edges = [...svg.querySelectorAll(".edge")];
  const nodes = new Map([...svg.querySelectorAll(".node")].map((node) => [node.dataset.at, node]));
  // Everything that leads to a box, and everything that it leads to.
  const ways = (at, from, to) => {
    const seen = new Set([at]);
    const found = [];
    for (const next of seen) {
      for (const edge of edges.filter((edge) => edge.dataset[from] === next)) {
        found.push(edge);
        seen.add(edge.dataset[to]);
      }
    }
    return [...found, ...[...seen].map((at) => nodes.get(at))];
  };
  const clear = () => {
    svg.classList.remove("asked");
    for (const part of svg.querySelectorAll(".on")) part.classList.remove("on");
  };
  const show = (at) => {
    clear();
    svg.classList.add("asked");
    for (const part of [...ways(at, "from", "to"), ...ways(at, "to", "from")]) part?.classList.add("on");
  };
  for (const [at, node] of nodes) {
    node.addEventListener("mouseenter", () => show(at));
    node.addEventListener("focus", () => show(at));
    node.addEventListener("mouseleave", clear);
    node.addEventListener("blur", clear);
  }
}
