/* Sends a message point-to-point to itself and receives it without a subscription. */
#include <MQTTClient.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 10000, TEXT_MAX = 1024 };

static const char *setting(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value != NULL && value[0] != '\0' ? value : otherwise;
}

/* The password that goes with the client identifier, for a server with signature credentials. */
static void sign(const char *secret, const char *client_id, char *base64) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha1(), secret, (int)strlen(secret), (const unsigned char *)client_id,
       strlen(client_id), digest, &length);
  EVP_EncodeBlock((unsigned char *)base64, digest, (int)length);
}

static void must(int code, const char *what) {
  if (code == MQTTCLIENT_SUCCESS) return;
  if (code > 0) fprintf(stderr, "the server refused with return code %d\n", code);
  else fprintf(stderr, "%s failed: %s\n", what, MQTTClient_strerror(code));
  exit(1);
}

int main(void) {
  const char *client_id = setting("MQTT_CLIENT_ID", "GID_demo@@@c");
  char address[TEXT_MAX], topic[TEXT_MAX], username[TEXT_MAX], password[TEXT_MAX];
  snprintf(address, sizeof address, "tcp://%s:%s", setting("MQTT_HOST", "127.0.0.1"),
           setting("MQTT_PORT", "1883"));
  snprintf(topic, sizeof topic, "%s/p2p/%s", setting("MQTT_PARENT", "demo"), client_id);

  MQTTClient client;
  MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
  options.MQTTVersion = MQTTVERSION_3_1_1;
  if (getenv("MQTT_ACCESS_KEY") != NULL) {
    snprintf(username, sizeof username, "Signature|%s|%s", getenv("MQTT_ACCESS_KEY"),
             setting("MQTT_INSTANCE_ID", ""));
    sign(setting("MQTT_SECRET", ""), client_id, password);
    options.username = username;
    options.password = password;
  }
  must(MQTTClient_create(&client, address, client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL), "create");
  must(MQTTClient_connect(client, &options), "connect");

  char *text = "hello from C";
  MQTTClient_deliveryToken token;
  must(MQTTClient_publish(client, topic, (int)strlen(text), text, 1, 0, &token), "publish");

  char *received_topic = NULL;
  int topic_length = 0;
  MQTTClient_message *message = NULL;
  must(MQTTClient_receive(client, &received_topic, &topic_length, &message, TIMEOUT_MS), "receive");
  if (message == NULL) {
    fprintf(stderr, "nothing came in %d ms\n", TIMEOUT_MS);
    return 1;
  }
  printf("%s: %.*s\n", received_topic, message->payloadlen, (char *)message->payload);
  MQTTClient_freeMessage(&message);
  MQTTClient_free(received_topic);

  /* The server has acknowledged before we go. */
  must(MQTTClient_waitForCompletion(client, token, TIMEOUT_MS), "publish");
  MQTTClient_disconnect(client, TIMEOUT_MS);
  MQTTClient_destroy(&client);
  return 0;
}
