"""Sends a message point-to-point to itself and receives it without a subscription."""

import base64
import hashlib
import hmac
import os
import sys
import threading

import paho.mqtt.client as mqtt

TIMEOUT_SECONDS = 10
client_id = os.environ.get("MQTT_CLIENT_ID", "GID_demo@@@python")
topic = f"{os.environ.get('MQTT_PARENT', 'demo')}/p2p/{client_id}"
done = threading.Event()
problem = f"nothing came in {TIMEOUT_SECONDS} s"


def signature(secret, text):
    """The password that goes with the client identifier, for a server with signature credentials."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def on_connect(client, _userdata, _flags, return_code, _properties=None):
    global problem
    if return_code == 0:
        client.publish(topic, "hello from Python", qos=1)
    else:
        problem = f"the server refused with return code {return_code}"
        done.set()


def on_message(_client, _userdata, message):
    global problem
    print(f"{message.topic}: {message.payload.decode()}")
    problem = None
    done.set()


# paho-mqtt 2 wants to be told which callbacks these are; paho-mqtt 1 does not know of any others.
if hasattr(mqtt, "CallbackAPIVersion"):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id)
else:
    client = mqtt.Client(client_id=client_id)
if "MQTT_ACCESS_KEY" in os.environ:
    account = f"{os.environ['MQTT_ACCESS_KEY']}|{os.environ.get('MQTT_INSTANCE_ID', '')}"
    client.username_pw_set(f"Signature|{account}", signature(os.environ["MQTT_SECRET"], client_id))
client.on_connect = on_connect
client.on_message = on_message
client.connect(os.environ.get("MQTT_HOST", "127.0.0.1"), int(os.environ.get("MQTT_PORT", "1883")))
client.loop_start()
done.wait(TIMEOUT_SECONDS)
client.disconnect()
client.loop_stop()
sys.exit(problem)
