'use strict';
// One pair at a time: show, vote, next. A vote that the server did not answer is sent again until it does; the server keeps each once.
const $ = id => document.getElementById(id);
const buttons = [...document.querySelectorAll('#choices button')];
const keys = { ArrowLeft: 'left', ArrowDown: 'tie', ArrowRight: 'right', 1: 'left', 2: 'tie', 3: 'right' };
const wait = milliseconds => new Promise(done => setTimeout(done, milliseconds));
const calm = matchMedia('(prefers-reduced-motion: reduce)');
let annotator = '', ticket = '', video = [], ready = false, passed = 0;

function show(id) {
  for (const section of document.querySelectorAll('section')) section.hidden = section.id !== id;
}

function setReady(value) {
  ready = value;
  for (const button of buttons) button.setAttribute('aria-disabled', !value);
}

async function post(path, body) {
  for (;;) {
    try {
      const reply = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
      const text = await reply.text();
      $('trouble').textContent = '';
      return { status: reply.status, value: text ? JSON.parse(text) : {} };
    } catch {
      $('trouble').textContent = 'The server does not answer. Nothing is lost: this page asks again every second.';
      await wait(1000);
    }
  }
}

function clip(side, index) {
  return new Promise((done, fail) => {
    const screen = $(side).firstElementChild;
    const element = document.createElement(video[index] ? 'video' : 'img');
    const label = `${side === 'left' ? 'Left' : 'Right'} clip`;
    if (video[index]) {
      Object.assign(element, { muted: true, loop: true, playsInline: true, autoplay: false, controls: calm.matches });
      element.setAttribute('aria-label', label);
      element.onloadeddata = done;
    } else {
      element.alt = label;
      element.onload = () => { element.classList.toggle('small', element.naturalWidth < 200); done(); };
    }
    element.onerror = () => fail(new Error(`The ${side} clip can't be played.`));
    element.src = `/clip/${side}?ticket=${ticket}`;
    screen.replaceChildren(element);
  });
}

function play() {
  for (const element of document.querySelectorAll('video')) {
    element.currentTime = 0;
    if (!calm.matches) element.play();
  }
}

async function load() {
  const shown = ticket;
  setReady(false);
  for (let tries = 1; ticket === shown; tries++) {
    try {
      await Promise.all([clip('left', 0), clip('right', 1)]);
      $('trouble').textContent = '';
      break;
    } catch (error) {
      $('trouble').textContent = `${error.message} Asking again every second.`;
      $('pass').hidden = tries < 3;
      await wait(1000);
    }
  }
  if (ticket !== shown) return;
  play();
  setReady(true);
}

async function present(next) {
  for (const button of buttons) button.classList.remove('picked');
  ticket = '';
  $('pass').hidden = true;
  if (!next.ticket) {
    $('summary').textContent = next.done === next.total
      ? `All ${next.total} pairs are done and kept. You can close this page.`
      : `${next.done} of ${next.total} pairs are done and kept; ${next.total - next.done} could not be played here.`;
    show('end');
    document.querySelector('#end h1').focus();
    return;
  }
  ({ ticket, video } = next);
  $('place').textContent = `Pair ${next.done + 1} of ${next.total}`;
  $('who').textContent = annotator;
  $('progress').max = next.total;
  $('progress').value = next.done;
  $('query').textContent = next.query;
  $('question').textContent = next.question;
  show('work');
  await load();
}

async function proceed() {
  const { status, value } = await post('/api/next', { annotator, skip: passed });
  if (status === 200) return present(value);
  $('trouble').textContent = value.error;
  return welcome();
}

async function vote(choice) {
  if (!ready) return;
  setReady(false);
  buttons.find(button => button.dataset.choice === choice).classList.add('picked');
  const { status, value } = await post('/api/vote', { ticket, choice, skip: passed });
  if (status === 200) return present(value);
  await proceed();
  if (status !== 409) $('trouble').textContent = value.error;
}

function welcome() {
  setReady(false);
  show('welcome');
  $('name').focus();
}

function leave() {
  [annotator, passed] = ['', 0];
  localStorage.removeItem('annotator');
  $('name').value = '';
  welcome();
}

$('join').addEventListener('submit', event => {
  event.preventDefault();
  annotator = $('name').value.trim();
  localStorage.setItem('annotator', annotator);
  proceed();
});
for (const button of buttons) button.addEventListener('click', () => vote(button.dataset.choice));
$('replay').addEventListener('click', () => ready && load());
$('pass').addEventListener('click', () => { passed++; $('trouble').textContent = ''; proceed(); });
$('leave').addEventListener('click', leave);
$('another').addEventListener('click', leave);
document.addEventListener('keydown', event => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || $('work').hidden) return;
  if (keys[event.key]) {
    event.preventDefault();
    vote(keys[event.key]);
  } else if (event.key.toLowerCase() === 'r' && ready) load();
});

annotator = localStorage.getItem('annotator') || '';
if (annotator) proceed(); else welcome();
