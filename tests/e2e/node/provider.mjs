// A real OpenID provider on a free port of the loopback, for tests/e2e/test_tokens.py.
//
//   node provider.mjs ISSUER_NAME
//
// Prints {"url": ...} when it listens, and ends with its standard input. Its clients have the ids of
// ACCOUNTS and the secret "secret"; each gets an access token (RFC 9068) for the resource urn:traces by
// client_credentials, signed with the algorithm that the client's name ends with. Lines on standard
// input are commands: "rotate" makes new keys and drops the old ones, "down" stops to listen, "up" listens
// again. Each is answered with a line.
import { generateKeyPair, exportJWK, calculateJwkThumbprint } from 'jose';
import { once } from 'node:events';
import http from 'node:http';
import readline from 'node:readline';
import Provider from 'oidc-provider';

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
// Client id, less its algorithm, to what its tokens say beside the standard claims.
const ACCOUNTS = {
  reader: { groups: ['trace-readers'], namespaces: ['support', 'sales'] },
  writer: { groups: ['trace-writers'] },
  stranger: { groups: ['somebody-else'] },
};
const SECONDS = Number(process.env.TOKEN_SECONDS ?? 300);

async function makeKeys() {
  const keys = [];
  for (const alg of ALGORITHMS) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true, crv: alg === 'EdDSA' ? 'Ed25519' : undefined });
    const jwk = await exportJWK(privateKey);
    keys.push({ ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) });
  }
  return { keys };
}

function clients() {
  const all = [];
  for (const name of Object.keys(ACCOUNTS))
    for (const alg of ALGORITHMS)
      all.push({ client_id: `${name}-${alg}`, client_secret: 'secret', grant_types: ['client_credentials'], redirect_uris: [],
                 response_types: [], token_endpoint_auth_method: 'client_secret_post' });
  return all;
}

async function makeApplication(issuer) {
  const provider = new Provider(issuer, {
    jwks: await makeKeys(),
    clients: clients(),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:traces',
        getResourceServerInfo: (ctx, resource, client) => ({
          scope: '', audience: 'tracegate', accessTokenFormat: 'jwt', accessTokenTTL: SECONDS,
          jwt: { sign: { alg: client.clientId.split('-')[1] } },
        }),
      },
    },
    extraTokenClaims: (ctx, token) => ACCOUNTS[token.clientId.split('-')[0]],
    ttl: { ClientCredentials: SECONDS },
  });
  provider.on('server_error', (ctx, error) => console.error(error));
  return provider.callback();
}

let application;
const server = () => http.createServer((request, response) => application(request, response));
let listening = server().listen(0, '127.0.0.1');
await once(listening, 'listening');
const { port } = listening.address();
const url = `http://127.0.0.1:${port}`;
application = await makeApplication(url);
console.log(JSON.stringify({ url }));

for await (const line of readline.createInterface({ input: process.stdin })) {
  if (line === 'rotate') {
    application = await makeApplication(url);
  } else if (line === 'down') {
    listening.closeAllConnections();
    listening.close();
    await once(listening, 'close');
  } else if (line === 'up') {
    listening = server().listen(port, '127.0.0.1');
    await once(listening, 'listening');
  }
  console.log(line);
}
process.exit(0);
