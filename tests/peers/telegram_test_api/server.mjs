// telegram-test-api 4.2.1 made usable with python-telegram-bot 22.8. Prints {"port": N}.
//
// What the shim mends: is_bot in getMe, dates in seconds, null results, chat_instance,
// the webhook's secret header, HTTP statuses of refusals, and getUpdates that waits.
// People act through the package's own routes: POST /sendMessage, /sendCommand,
// /sendCallback, and /getUpdatesHistory {token} to look at what was said.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const TelegramServer = require('telegram-test-api');
const express = createRequire(require.resolve('telegram-test-api'))('express');

const server = new TelegramServer({ storeTimeout: 3600 });
const seconds = (date) => (date > 1e11 ? Math.floor(date / 1000) : date);
const now = () => Math.floor(Date.now() / 1000);

function mendUpdate(update) {
  const query = update.callback_query;
  if (query) {
    query.chat_instance = String(query.message.chat.id);
    query.message = { message_id: 1, date: now(), ...query.message };
  } else if (update.message) {
    update.message.date = seconds(update.message.date ?? now());
    delete update.message.botToken;
  }
  return update;
}

// Only what a Message has: the package echoes every argument, some still JSON strings.
function mendMessage({ message_id, date, chat, text, entities, reply_markup }) {
  const sent = { message_id, date: seconds(date), chat, text };
  if (entities) sent.entities = entities;
  if (reply_markup) sent.reply_markup = reply_markup;
  return sent;
}

const mends = {
  getme: (result) => ({ ...result, is_bot: true }),
  sendmessage: mendMessage,
  getupdates: (result) => result.map(mendUpdate),
};

const failed = (code, description) => ({ ok: false, error_code: code, description });

const plainJson = server.webServer.response.json;
server.webServer.response.json = function json(body) {
  const method = /^\/bot[^/]+\/(\w+)/.exec(this.req.originalUrl)?.[1].toLowerCase();
  if (method && body.ok === undefined) {
    const unknown = /not supported/.test(body.message);
    body = unknown ? failed(404, 'Not Found') : failed(500, body.message);
  }
  if (method && !body.ok) {
    this.status(body.error_code);
  } else if (method) {
    const result = body.result ?? true;
    body = { ...body, result: mends[method] ? mends[method](result) : result };
  }
  return plainJson.call(this, body);
};

// As the package's own, but with the secret, and ids spent before anything is awaited.
server.addUserUpdate = async function addUserUpdate(update) {
  this.updateId += 1;
  this.messageId += 1;
  const hook = this.webhooks[update.botToken];
  if (!hook) {
    this.storage.userMessages.push(update);
    return;
  }
  const headers = { 'content-type': 'application/json' };
  if (hook.secret_token) headers['x-telegram-bot-api-secret-token'] = hook.secret_token;
  const body = JSON.stringify(mendUpdate(TelegramServer.formatUpdate(update)));
  try {
    const answer = await fetch(hook.url, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    if (!answer.ok) console.error(`the webhook answered ${answer.status}`);
  } catch (error) {
    console.error(`the webhook failed: ${error}`);
  }
};

// getUpdates ignores its timeout: wait here, else a poller spins.
const wakes = ['AddedUserMessage', 'AddedUserCommand', 'AddedUserCallbackQuery'];
function waitForUpdate(limit) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      wakes.forEach((name) => server.off(name, done));
      resolve();
    };
    const timer = setTimeout(done, limit);
    wakes.forEach((name) => server.on(name, done));
  });
}

const app = express();
app.use(express.json(), express.urlencoded({ extended: true }));
app.use(/^\/bot([^/]+)\/getUpdates$/i, async (req, _res, next) => {
  const timeout = Math.min(Number(req.body.timeout ?? req.query.timeout ?? 0), 50);
  const unread = server.storage.userMessages.some(
    (update) => update.botToken === req.params[0] && !update.isRead,
  );
  if (timeout > 0 && !unread) await waitForUpdate(timeout * 1000);
  next();
});
app.use(server.webServer);

const listener = createServer(app).listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: listener.address().port }));
});
process.on('SIGTERM', () => process.exit(0));
