// A certified OpenID provider on loopback, for tests. Usage: node server.mjs CONFIGURATION.json
// The configuration: port, clients and users. POST /test/… changes what it does while it runs.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';

const { port, clients, users } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const issuer = `http://127.0.0.1:${port}`;
let publishedKeys = [];
let provider;
const backchannel = [];

function newKey(kind) {
  const { privateKey } = kind === 'EC' ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: randomUUID() };
}

// A new provider in the same process has the sessions of the one before, because its memory is that of the module.
function start(keys) {
  publishedKeys = keys;
  provider = new Provider(issuer, {
    clients,
    jwks: { keys },
    acrValues: ['1', '2'],
    claims: {
      openid: ['sub', 'acr', 'amr'],
      profile: ['preferred_username', 'name', 'realm_access', 'roles', 'organizations'],
      acr: null, sid: null, auth_time: null, iss: null,
    },
    cookies: { keys: ['a key of the tests'] },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256'] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, postLogoutSuccessSource: (context) => { context.body = page('<p>Signed out</p>'); }, logoutSource: (context, form) => { context.body = page(`${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`); } },
      revocation: { enabled: true },
    },
    findAccount: (context, id) => users[id] && !users[id].blocked
      && { accountId: id, claims: () => ({ sub: id, ...users[id].claims }) },
    interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: (context, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    async loadExistingGrant(context) {
      const grant = new provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
    renderError: (context, out) => { context.body = page(`<p>${out.error}</p>`); },
    ttl: { Session: 3600, Interaction: 3600, Grant: 3600, IdToken: 300, AccessToken: 300, RefreshToken: 3600, AuthorizationCode: 60 },
    // Without its dispatcher, which refuses loopback addresses: all programs of the tests are on this machine.
    fetch: (url, { dispatcher, ...options }) => fetch(url, { ...options, signal: AbortSignal.timeout(30_000) }),
  });
  provider.on('backchannel.success', (context, client, account) => backchannel.push(account));
  provider.on('backchannel.error', (context, error) => backchannel.push(`error: ${error.message}`));
  provider.on('server_error', (context, error) => console.error(error));
}

const page = (content) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Provider</title><body>${content}</body></html>`;

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function interact(request, response) {
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end(page('<form method="post"><input name="login" aria-label="Login"><button>Continue</button></form>'));
    return;
  }
  const login = new URLSearchParams(await body(request)).get('login');
  const user = users[login];
  const result = !user || login === 'nobody'
    ? { error: 'access_denied', error_description: '<b>raw text of the provider</b>' }
    : { login: { accountId: login, acr: user.acr, amr: user.amr } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function control(request, response, action) {
  const data = JSON.parse(await body(request) || '{}');
  if (action === 'user') users[data.login] = { ...users[data.login], ...data.user };
  if (action === 'rotate') start([newKey(data.kind ?? 'RSA'), ...(data.keep ? publishedKeys : [])]);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ backchannel }));
}

// A provider that is started again has the same keys.
const keysFile = `${process.argv[2]}.keys`;
if (!existsSync(keysFile)) writeFileSync(keysFile, JSON.stringify([newKey('RSA'), newKey('EC')]));
start(JSON.parse(readFileSync(keysFile, 'utf8')));
createServer(async (request, response) => {
  try {
    const { pathname } = new URL(request.url, issuer);
    if (pathname.startsWith('/test/')) await control(request, response, pathname.slice('/test/'.length));
    else if (pathname.startsWith('/interaction/')) await interact(request, response);
    else provider.callback()(request, response);
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    response.end();
  }
}).listen(port, '127.0.0.1', () => console.log('ready'));
