// Starts the parts and carries answers to them. A part that gets none says so, and the others go on.
import { whenTokenIsNeeded } from "./api.js";
import { showBooks, showNoBooks } from "./books.js";
import { setVolume, showChannels, showNoFiles } from "./channels.js";
import { addLive, setHistory, startCharts } from "./charts.js";
import { startKeys } from "./keys.js";
import { refreshLetters, setReadOnly, startLetters } from "./letters.js";
import { login } from "./login.js";
import { showOverview, startOverview } from "./overview.js";
import { poll } from "./poll.js";
import { nameChannels, reconnectTail, startTail } from "./tail.js";
import { setTemporalUi } from "./temporalUi.js";
import { startTheme } from "./theme.js";
import { showWorker } from "./worker.js";

let stats = null;
let publishers = null;
let silence = null;

startTheme();
startOverview();
startCharts();
startKeys();
whenTokenIsNeeded(isWrong =>
  login(isWrong, () => {
    for (const ask of asks) ask();
    refreshLetters();
    reconnectTail();
  }),
);
startTail();
startLetters();

const show = () => showOverview(stats, silence, publishers);

const asks = [
  poll(
    "api/stats",
    1000,
    answer => {
      stats = answer;
      silence = null;
      show();
      addLive(answer);
      setVolume(answer.volume);
      setTemporalUi(answer);
      if (answer.isReadOnly !== undefined) setReadOnly(answer.isReadOnly);
      showWorker(answer);
    },
    refused => {
      if (refused.status === 401) return;
      silence ??= new Date().toISOString();
      show();
    },
  ),
  poll(
    "api/publishers",
    3000,
    answer => {
      publishers = answer.publishers;
      showBooks(publishers);
      show();
    },
    refused => {
      publishers = null;
      showNoBooks(refused);
      show();
    },
  ),
  poll("api/history", 30000, setHistory, () => {}),
  poll(
    "api/channels",
    5000,
    answer => {
      showChannels(answer.channels);
      nameChannels(answer.channels.map(channel => channel.name));
    },
    showNoFiles,
  ),
];

// "3 min ago" grows old by itself.
setInterval(show, 5000);
show();
