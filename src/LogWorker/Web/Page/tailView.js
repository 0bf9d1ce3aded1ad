// Shows a list of rows of one height. Only those in sight are in the document.
import { el, say } from "./dom.js";
import { clockMs } from "./format.js";

const MORE = 6;

export class TailView {
  /** @param onOpen called with a row that is clicked, or chosen by Enter. */
  constructor(box, sizer, onOpen, onScroll) {
    this.box = box;
    this.sizer = sizer;
    this.onScroll = onScroll;
    this.rows = [];
    this.pool = [];
    this.selected = null;
    this.isFollowing = true;
    this.top = 0;
    box.addEventListener("scroll", () => this.scrolled(), { passive: true });
    box.addEventListener("click", event => {
      const row = event.target.closest?.(".row")?.row;
      if (!row || row.isGap) return;
      this.select(row);
      onOpen(row);
    });
    box.addEventListener("keydown", event => this.key(event, onOpen));
    new ResizeObserver(() => this.measure()).observe(box);
    this.measure();
  }

  /** @param gone rows that went at the beginning since the last time. */
  show(rows, gone) {
    this.rows = rows;
    this.sizer.style.height = `${rows.length * this.height}px`;
    if (this.isFollowing) this.toEnd();
    else if (gone > 0) this.scrollTo(Math.max(0, this.box.scrollTop - gone * this.height));
    this.paint();
  }

  follow() {
    this.isFollowing = true;
    this.toEnd();
    this.paint();
    this.onScroll();
  }

  select(row) {
    this.selected = row;
    this.paint();
  }

  measure() {
    const height = parseFloat(getComputedStyle(this.box).getPropertyValue("--row")) || 22;
    this.height = height;
    this.show(this.rows, 0);
  }

  toEnd() {
    this.scrollTo(Math.max(0, this.rows.length * this.height - this.box.clientHeight));
  }

  scrollTo(top) {
    this.box.scrollTop = top;
    this.top = this.box.scrollTop;
  }

  scrolled() {
    const { scrollTop, clientHeight } = this.box;
    const isAtEnd = scrollTop + clientHeight >= this.rows.length * this.height - this.height / 2;
    // Rows that were added since are no reason to stop; only a way up is.
    if (isAtEnd) this.isFollowing = true;
    else if (scrollTop < this.top - 1) this.isFollowing = false;
    this.top = scrollTop;
    this.paint();
    this.onScroll();
  }

  paint() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.height) - MORE);
    const last = Math.min(
      this.rows.length,
      Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.height) + MORE,
    );
    while (this.pool.length < last - first) this.pool.push(this.create());
    this.pool.forEach((element, i) => {
      const row = this.rows[first + i];
      const isShown = first + i < last;
      if (element.hidden === isShown) element.hidden = !isShown;
      if (isShown) this.paintRow(element, row, first + i);
    });
  }

  create() {
    const cells = ["time", "level", "channel", "source", "message"].map(name => el("span", { class: name }));
    const element = el("div", { class: "row", role: "option", id: `row-${this.pool.length}` }, cells);
    element.cells = cells;
    element.at = -1;
    this.sizer.append(element);
    return element;
  }

  paintRow(element, row, index) {
    if (element.at !== index) {
      element.at = index;
      element.style.transform = `translateY(${index * this.height}px)`;
    }
    const isSelected = row === this.selected;
    if (element.row === row && element.isSelected === isSelected) return;
    element.row = row;
    element.isSelected = isSelected;
    element.className = `row ${row.isGap ? "missed" : (row.level ?? "")}${isSelected ? " selected" : ""}`;
    element.setAttribute("aria-selected", isSelected);
    if (isSelected) this.box.setAttribute("aria-activedescendant", element.id);
    const [time, level, channel, source, message] = element.cells;
    say(time, row.time ? clockMs(row.time) : "");
    say(level, row.level ?? "");
    say(channel, row.channel ?? "");
    say(source, row.source ?? "");
    say(message, row.message);
  }

  key(event, onOpen) {
    const at = this.rows.indexOf(this.selected);
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.height) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    if (event.key === "Enter" && at >= 0) onOpen(this.selected);
    else if (event.key === "End") this.follow();
    else if (event.key === "Home") this.move(0);
    else if (event.key in steps) this.move(at < 0 ? this.rows.length - 1 : at + steps[event.key]);
    else return;
    event.preventDefault();
  }

  move(index) {
    if (this.rows.length === 0) return;
    index = Math.min(this.rows.length - 1, Math.max(0, index));
    const top = index * this.height;
    const { scrollTop, clientHeight } = this.box;
    this.isFollowing = index === this.rows.length - 1;
    if (top < scrollTop) this.scrollTo(top);
    else if (top + this.height > scrollTop + clientHeight) this.scrollTo(top + this.height - clientHeight);
    this.select(this.rows[index]);
    this.onScroll();
  }
}
