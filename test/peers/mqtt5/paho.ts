/** Paho for Python. */

import { findPaho, run } from "../../helpers/peer-program";
import { type ActionName, type Peer, sent, told } from "./actions";

/** Does one action, and prints one JSON object for each message. */
const script = `
import sys, json, time, threading
import paho.mqtt.client as mqtt
from paho.mqtt.properties import Properties
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.subscribeoptions import SubscribeOptions

port, action, sent = int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
LIMIT = 20

class Peer:
    def __init__(self, client_id="", expiry=None, will=None):
        args = dict(client_id=client_id, protocol=mqtt.MQTTv5)
        self.mqtt = mqtt.Client(**args) if not hasattr(mqtt, "CallbackAPIVersion") \\
            else mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, **args)
        self.got, self.changed = [], threading.Condition()
        self.flags = None
        self.done = set()
        self.mqtt.on_connect = self._connected
        self.mqtt.on_subscribe = lambda c, u, mid, *rest: self._note(("sub", mid))
        self.mqtt.on_publish = lambda c, u, mid, *rest: self._note(("pub", mid))
        self.mqtt.on_message = self._message
        if will: self.mqtt.will_set(*will[:-1], properties=will[-1])
        properties = None
        if expiry is not None:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = expiry
        self.mqtt.connect("127.0.0.1", port, clean_start=expiry is None, properties=properties)
        self.mqtt.loop_start()
        self.until(lambda: self.flags is not None)
    def _connected(self, client, userdata, flags, *rest):
        with self.changed:
            self.flags = flags
            self.changed.notify_all()
    def _note(self, what):
        with self.changed:
            self.done.add(what)
            self.changed.notify_all()
    def _message(self, client, userdata, message):
        with self.changed:
            self.got.append(message)
            self.changed.notify_all()
    def until(self, fits):
        with self.changed:
            if not self.changed.wait_for(fits, LIMIT): raise Exception("waited in vain")
    def subscribe(self, topic, qos=2, identifier=None, **options):
        properties = None
        if identifier is not None:
            properties = Properties(PacketTypes.SUBSCRIBE)
            properties.SubscriptionIdentifier = identifier
        mid = self.mqtt.subscribe(topic, options=SubscribeOptions(qos=qos, **options), properties=properties)[1]
        self.until(lambda: ("sub", mid) in self.done)
    def publish(self, topic, payload, qos=1, retain=False, properties=None):
        mid = self.mqtt.publish(topic, payload, qos, retain, properties).mid
        self.until(lambda: ("pub", mid) in self.done)
    def messages(self, count):
        self.until(lambda: len(self.got) >= count)
        return self.got
    def close(self):
        self.mqtt.disconnect()
        self.mqtt.loop_stop()

def tell(message):
    p = message.properties
    user = getattr(p, "UserProperty", None)
    identifier = getattr(p, "SubscriptionIdentifier", None)
    print(json.dumps(dict(topic=message.topic, payload=message.payload.decode(), qos=message.qos, retain=bool(message.retain),
        contentType=getattr(p, "ContentType", None), responseTopic=getattr(p, "ResponseTopic", None),
        correlationData=getattr(p, "CorrelationData", b"").decode() or None, user=":".join(user[0]) if user else None,
        expiry=getattr(p, "MessageExpiryInterval", None), identifier=identifier[0] if identifier else None)))

def qos():
    client = Peer(); client.subscribe("qos/#")
    for level in (0, 1, 2): client.publish("qos/%d" % level, "x", level)
    for message in client.messages(3): tell(message)

def properties():
    client = Peer(); client.subscribe("properties/#")
    p = Properties(PacketTypes.PUBLISH)
    p.ContentType, p.ResponseTopic = sent["contentType"], sent["responseTopic"]
    p.CorrelationData = sent["correlationData"].encode()
    p.UserProperty = tuple(sent["userProperty"])
    p.MessageExpiryInterval = sent["messageExpiryInterval"]
    client.publish("properties/t", "x", properties=p)
    tell(client.messages(1)[0])

def retained():
    publisher = Peer(); publisher.publish("retained/t", "x", retain=True)
    client = Peer(); client.subscribe("retained/t")
    tell(client.messages(1)[0])
    publisher.publish("retained/t", "", retain=True)

def session():
    first = Peer("paho-session", 600); first.subscribe("session/t", 1); first.close()
    Peer().publish("session/t", "x")
    again = Peer("paho-session", 600)
    tell(again.messages(1)[0])

def session_present():
    for _ in range(2):
        client = Peer("paho-present", 600)
        print(json.dumps("session present" if client.flags["session present"] else "no session"))
        client.close()

def shared():
    members = [Peer(), Peer()]
    for member in members: member.subscribe("$share/g/shared/t")
    for at in range(4): members[0].publish("shared/t", str(at))
    for member in members: print(json.dumps(str(len(member.messages(2)))))

def no_local():
    client = Peer(); client.subscribe("nolocal/t", noLocal=True)
    client.publish("nolocal/t", "own")
    Peer().publish("nolocal/t", "other")
    for message in client.messages(1): tell(message)

def retain_as_published():
    client = Peer(); client.subscribe("rap/t", retainAsPublished=True)
    client.publish("rap/t", "x", retain=True)
    tell(client.messages(1)[0])
    client.publish("rap/t", "", retain=True)

def will():
    client = Peer(); client.subscribe("will/t")
    p = Properties(PacketTypes.WILLMESSAGE)
    p.WillDelayInterval, p.ContentType = 1, "text/plain"
    lost = Peer("paho-will", 600, ("will/t", "gone", 1, False, p))
    lost.mqtt.on_disconnect = None
    lost.mqtt.loop_stop()
    lost.mqtt.socket().close()
    tell(client.messages(1)[0])

def alias():
    client = Peer(); client.subscribe("alias/t", 1)
    publisher = Peer()
    for at, topic in enumerate(("alias/t", "", "")):
        p = Properties(PacketTypes.PUBLISH)
        p.TopicAlias = 4
        publisher.publish(topic, str(at + 1), properties=p)
    for message in client.messages(3): tell(message)

def identifiers():
    client = Peer()
    client.subscribe("identifiers/#", 0, 1); client.subscribe("identifiers/t", 1, 2)
    client.publish("identifiers/t", "x")
    for message in sorted(client.messages(2), key=lambda one: one.qos): tell(message)

globals()[action.replace(" ", "_")]()
`;

const names: readonly ActionName[] = [
	"qos",
	"properties",
	"retained",
	"session",
	"session present",
	"shared",
	"no local",
	"retain as published",
	"will",
	"alias",
	"identifiers",
];

export function paho(): Peer {
	const python = findPaho();

	async function act(port: number, action: ActionName): Promise<string[]> {
		const { code, stdout, stderr } = await run(python, ["-c", script, String(port), action, JSON.stringify(sent)]);
		if (code !== 0) throw new Error(`Paho: ${stderr}`);
		return stdout
			.trim()
			.split("\n")
			.map((line) => {
				const parts = JSON.parse(line);
				return typeof parts === "string" ? parts : told(withoutNull(parts));
			});
	}

	return {
		name: "Paho for Python",
		acts: Object.fromEntries(names.map((name) => [name, (port: number) => act(port, name)])),
		stop: async () => {},
	};
}

function withoutNull<T extends object>(parts: T): T {
	return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== null)) as T;
}
