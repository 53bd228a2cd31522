//! Keeps the screen on during a session: by the wake lock where the page is secure, otherwise by a
//! silent video that plays in a corner.

/** @type {WakeLockSentinel | null} */
let lock = null;
/** @type {HTMLVideoElement | null} */
let video = null;
let wanted = false;

document.addEventListener('visibilitychange', () => {
  // The browser takes the lock away whenever the page is hidden.
  if (wanted && document.visibilityState === 'visible') hold();
});

/** Keeps the screen on, or lets it sleep again. The first call must come inside a tap.
 * @param {boolean} awake */
export function keepAwake(awake) {
  if (awake === wanted) return;
  wanted = awake;
  if (awake) {
    hold();
  } else {
    lock?.release().catch(() => {});
    lock = null;
    video?.pause();
  }
}

function hold() {
  if ('wakeLock' in navigator) {
    navigator.wakeLock.request('screen').then(
      (granted) => {
        if (wanted) lock = granted;
        else granted.release().catch(() => {});
      },
      () => play(),
    );
  } else {
    play();
  }
}

function play() {
  video ??= silentVideo();
  video?.play().catch(() => {});
}

/** A video of one changing pixel, drawn here so that nothing is loaded.
 * @returns {HTMLVideoElement | null} */
function silentVideo() {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  if (!pen || !('captureStream' in canvas)) return null;
  canvas.width = canvas.height = 2;
  let dark = false;
  setInterval(() => {
    if (!wanted) return;
    dark = !dark;
    pen.fillStyle = dark ? '#000' : '#010101';
    pen.fillRect(0, 0, 2, 2);
  }, 1_000);
  const element = document.createElement('video');
  element.className = 'keep-awake';
  element.muted = true;
  element.loop = true;
  element.playsInline = true;
  element.setAttribute('aria-hidden', 'true');
  element.srcObject = canvas.captureStream(1);
  document.body.append(element);
  return element;
}
