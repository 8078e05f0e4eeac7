/*
 * Point-to-point and publish/subscribe with the Paho C client against the broker at
 * tcp://127.0.0.1:PORT. Prints one line for each message; exits 1 when something is missing.
 */
#include <MQTTClient.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECEIVER "GID_demo@@@C"
#define TIMEOUT_MS 10000L

static char address[64];

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

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  snprintf(address, sizeof address, "tcp://127.0.0.1:%s", argv[1]);
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
  MQTTClient clients[] = {receiver, spy, sender};
  for (int n = 0; n < 3; n += 1) {
    MQTTClient_disconnect(clients[n], 1000);
    MQTTClient_destroy(&clients[n]);
  }
  return 0;
}
