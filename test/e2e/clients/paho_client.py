"""Point-to-point and publish/subscribe with paho-mqtt against the broker at 127.0.0.1:PORT, over tcp or websockets.

Prints one line for each message the receiver and the spy got; exits 1 when something is missing.
"""

import sys
import threading
import time

import paho.mqtt.client as mqtt

PORT = int(sys.argv[1])
TRANSPORT = sys.argv[2]
RECEIVER = "GID_demo@@@P"
TIMEOUT_S = 15


def connect(client_id, clean=True):
    client = mqtt.Client(client_id, clean_session=clean, protocol=mqtt.MQTTv311, transport=TRANSPORT)
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.connect("127.0.0.1", PORT)
    client.loop_start()
    if not connected.wait(TIMEOUT_S):
        sys.exit(f"{client_id} was not accepted")
    return client


def collect(client, name, count):
    done = threading.Event()
    messages = []

    def on_message(_client, _userdata, message):
        messages.append(message)
        print(f"{name} {message.topic} {message.qos} {message.payload.decode()}", flush=True)
        if len(messages) == count:
            done.set()

    client.on_message = on_message
    return done


def subscribe(client, topic_filter, qos):
    granted = threading.Event()
    client.on_subscribe = lambda *_: granted.set()
    client.subscribe(topic_filter, qos)
    if not granted.wait(TIMEOUT_S):
        sys.exit(f"no SUBACK for {topic_filter}")


receiver = connect(RECEIVER)
got_all = collect(receiver, "receiver", 3)
spy = connect("paho-spy")
spied = collect(spy, "spy", 1)
subscribe(spy, "#", 2)
sender = connect("paho-sender")
for qos in (0, 1, 2):
    sender.publish(f"demo/p2p/{RECEIVER}", f"at {qos}", qos).wait_for_publish(TIMEOUT_S)
if not got_all.wait(TIMEOUT_S):
    sys.exit("the receiver did not get all three")
sender.publish("paho/open", "to all", 2).wait_for_publish(TIMEOUT_S)
if not spied.wait(TIMEOUT_S):
    sys.exit("the spy did not get the ordinary message")
time.sleep(0.2)
for client in (receiver, spy, sender):
    client.disconnect()
    client.loop_stop()
