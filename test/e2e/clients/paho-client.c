/*
 * Point-to-point and publish/subscribe with the Paho C client against the broker at an address like
 * tcp://127.0.0.1:1883 or ws://127.0.0.1:8080. Prints one line for each message; exits 1 when something is missing.
 */
#include <MQTTClient.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECEIVER "GID_demo@@@C"
/* Far more than it takes; a client that waits for bytes which are there already needs 20 s. */
#define TIMEOUT_MS 5000L
/* Messages of a burst: several packets leave at once. */
#define BURST 30

static const char *address;

static MQTTClient open_client(const char *client_id) {
  MQTTClient client;
  MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
  options.keepAliveInterval = 20;
  options.cleansession = 1;
  options.MQTTVersion = MQTTVERSION_3_1_1;
  if (MQTTClient_create(&client, address, client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL) !=
          MQTTCLIENT_SUCCESS ||
      MQTTClient_connect(client, &options) != MQTTCLIENT_SUCCESS) {
    fprintf(stderr, "%s was not accepted\n", client_id);
    exit(1);
  }
  return client;
}

static void send_text(MQTTClient client, const char *topic, const char *text, int qos) {
  MQTTClient_deliveryToken token;
  if (MQTTClient_publish(client, topic, (int)strlen(text), text, qos, 0, &token) !=
          MQTTCLIENT_SUCCESS ||
      MQTTClient_waitForCompletion(client, token, TIMEOUT_MS) != MQTTCLIENT_SUCCESS) {
    fprintf(stderr, "%s was not acknowledged\n", text);
    exit(1);
  }
}

static void receive(MQTTClient client, const char *name, int count) {
  for (int n = 0; n < count; n += 1) {
    char *topic = NULL;
    int topic_length = 0;
    MQTTClient_message *message = NULL;
    MQTTClient_receive(client, &topic, &topic_length, &message, TIMEOUT_MS);
    if (message == NULL) {
      fprintf(stderr, "%s did not get message %d\n", name, n + 1);
      exit(1);
    }
    printf("%s %s %d %.*s\n", name, topic, message->qos, message->payloadlen,
           (char *)message->payload);
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
  }
}

/* A client that is subscribed to what it publishes itself: acknowledgements and messages mix. */
static void echo(MQTTClient client, const char *topic, int qos) {
  char text[16];
  MQTTClient_deliveryToken tokens[BURST];
  for (int n = 0; n < BURST; n += 1) {
    int length = snprintf(text, sizeof text, "%d", n);
    if (MQTTClient_publish(client, topic, length, text, qos, 0, &tokens[n]) != MQTTCLIENT_SUCCESS) {
      fprintf(stderr, "burst at %d was not sent\n", qos);
      exit(1);
    }
  }
  receive(client, "echo", BURST);
  for (int n = 0; qos > 0 && n < BURST; n += 1) {
    if (MQTTClient_waitForCompletion(client, tokens[n], TIMEOUT_MS) != MQTTCLIENT_SUCCESS) {
      fprintf(stderr, "burst at %d was not acknowledged\n", qos);
      exit(1);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  address = argv[1];
  MQTTClient receiver = open_client(RECEIVER);
  MQTTClient spy = open_client("paho-c-spy");
  if (MQTTClient_subscribe(spy, "#", 2) != MQTTCLIENT_SUCCESS) return 1;
  MQTTClient sender = open_client("paho-c-sender");
  send_text(sender, "demo/p2p/" RECEIVER, "at 0", 0);
  send_text(sender, "demo/p2p/" RECEIVER, "at 1", 1);
  send_text(sender, "demo/p2p/" RECEIVER, "at 2", 2);
  receive(receiver, "receiver", 3);
  send_text(sender, "paho-c/open", "to all", 2);
  receive(spy, "spy", 1);
  if (MQTTClient_unsubscribe(spy, "#") != MQTTCLIENT_SUCCESS) return 1;
  if (MQTTClient_subscribe(sender, "paho-c/echo/+", 2) != MQTTCLIENT_SUCCESS) return 1;
  for (int qos = 0; qos < 3; qos += 1) {
    char topic[] = "paho-c/echo/0";
    topic[sizeof topic - 2] += qos;
    echo(sender, topic, qos);
  }
  MQTTClient clients[] = {receiver, spy, sender};
  for (int n = 0; n < 3; n += 1) {
    MQTTClient_disconnect(clients[n], 1000);
    MQTTClient_destroy(&clients[n]);
  }
  return 0;
}
