"""Connects to the broker at 127.0.0.1:PORT as somebody, with paho-mqtt, and says what happens.

Without NEW_TOKEN it publishes and receives one message. With it, it uploads that token, publishes where
the token lets it, and waits until the server closes the connection. One line for each thing that happens.
"""

import json
import sys
import threading

import paho.mqtt.client as mqtt

PORT, CLIENT_ID, USERNAME, PASSWORD = int(sys.argv[1]), *sys.argv[2:5]
NEW_TOKEN = sys.argv[5] if len(sys.argv) > 5 else None
TIMEOUT_S = 20

codes = []
connected = threading.Event()
subscribed = threading.Event()
received = threading.Event()
lost = threading.Event()


def say(line):
    print(line, flush=True)


def on_connect(_client, _userdata, _flags, code):
    say(f"CONNACK {code}")
    codes.append(code)
    connected.set()


def on_message(_client, _userdata, message):
    say(f"{message.topic} {message.payload.decode()}")
    received.set()


def must(event, what):
    if not event.wait(TIMEOUT_S):
        sys.exit(f"not {what} in time")


client = mqtt.Client(CLIENT_ID, protocol=mqtt.MQTTv311)
client.username_pw_set(USERNAME, PASSWORD)
client.on_connect = on_connect
client.on_message = on_message
client.on_subscribe = lambda *_: subscribed.set()
client.on_disconnect = lambda *_: lost.set()
client.connect("127.0.0.1", PORT)
client.loop_start()
must(connected, "answered")
if codes[0] != 0:
    client.disconnect()
    sys.exit(0)
client.subscribe("t/#", 1)
must(subscribed, "subscribed")
client.publish("t/x", "hello", 1).wait_for_publish(TIMEOUT_S)
must(received, "received")
if NEW_TOKEN is None:
    client.disconnect()
else:
    update = json.dumps({"token": NEW_TOKEN, "type": "RW"})
    client.publish("$SYS/uploadToken", update, 1).wait_for_publish(TIMEOUT_S)
    client.publish("u/x", "by the new token", 1).wait_for_publish(TIMEOUT_S)
    say("published")
    must(lost, "closed")
    client.loop_stop()
    say("lost")
