// Links to a batch's workflow in Temporal's UI, where its address is known.
import { link } from "./dom.js";

let base = null;
let space = "default";

export function setTemporalUi(stats) {
  base = stats.temporal.uiUrl ?? null;
  space = stats.temporal.namespace;
}

/** The workflow's id as a link; as plain text where no UI is known. */
export function temporalLink(workflow, url = null) {
  const target =
    url ??
    (base
      ? `${base.replace(/\/$/, "")}/namespaces/${encodeURIComponent(space)}/workflows/${encodeURIComponent(workflow)}`
      : null);
  return target ? link(target, workflow) : workflow;
}
