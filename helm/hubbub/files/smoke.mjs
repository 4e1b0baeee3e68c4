// Two people sign up, connect through the Service and talk; then the accounts are erased. Node alone, nothing to install.
//   GATEWAY=http://localhost:8080 node smoke.mjs

const gateway = process.env.GATEWAY;
const patience = AbortSignal.timeout(60_000);
patience.addEventListener("abort", () => fail("no end within 60 s"));

function fail(why) {
  console.error(`failed: ${why}`);
  process.exit(1);
}

async function rest(method, path, body, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(gateway + path, { method, headers, body: JSON.stringify(body), signal: patience });
  if (!response.ok) fail(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? {} : response.json();
}

/** Somebody with an account and a socket. */
class Person {
  #heard = [];
  #waiting = [];
  #asked = 0;

  static async signUp(name) {
    const person = new Person();
    person.name = name;
    person.password = crypto.randomUUID();
    person.token = (await rest("POST", "/v1/signup", { username: name, password: person.password })).token;
    return person;
  }

  async connect() {
    this.socket = new WebSocket(gateway.replace(/^http/, "ws") + "/v1/rt", ["hubbub.v1.json"]);
    this.socket.onerror = (event) => fail(`${this.name}: ${event.message ?? "the socket broke"}`);
    this.socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    await new Promise((resolve) => (this.socket.onopen = resolve));
    this.#say({ type: "hello", data: { token: this.token } });
    await this.frame((frame) => frame.type === "welcome");
  }

  async ask(type, data) {
    const id = String(++this.#asked);
    this.#say({ type, id, key: crypto.randomUUID(), data });
    const answer = await this.frame((frame) => frame.id === id);
    if (answer.type === "error") fail(`${type}: ${JSON.stringify(answer.error)}`);
    return answer.data;
  }

  /** Returns the first frame that is wanted, heard or still to come. */
  frame(isWanted) {
    const index = this.#heard.findIndex(isWanted);
    if (index >= 0) return Promise.resolve(this.#heard.splice(index, 1)[0]);
    return new Promise((resolve) => this.#waiting.push({ isWanted, resolve }));
  }

  #say(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  #hear(frame) {
    if (frame.type === "ping") this.#say({ type: "pong", n: frame.n });
    const index = this.#waiting.findIndex(({ isWanted }) => isWanted(frame));
    if (index < 0) this.#heard.push(frame);
    else this.#waiting.splice(index, 1)[0].resolve(frame);
  }
}

const mark = crypto.randomUUID().slice(0, 8);
const ada = await Person.signUp(`test_ada_${mark}`);
const bob = await Person.signUp(`test_bob_${mark}`);
await Promise.all([ada.connect(), bob.connect()]);
const { room } = await ada.ask("room.create", { name: `test-${mark}` });
await bob.ask("room.join", { room: room.id });
const sent = await ada.ask("message.send", { room: room.id, body: "hello, bob" });
const heard = await bob.frame((frame) => frame.type === "message.new" && frame.seq === sent.seq);
if (heard.data.body !== "hello, bob") fail(`bob heard ${JSON.stringify(heard)}`);
await ada.ask("room.delete", { room: room.id });
for (const person of [ada, bob]) await rest("POST", "/v1/account/erase", { password: person.password }, person.token);
console.log("two people signed up, met and talked");
process.exit(0);
