<?php
// Sends a message point-to-point to itself and receives it without a subscription.
// The MQTT client is libmosquitto, called through PHP's FFI.

const TIMEOUT_SECONDS = 10;
const QOS = 1;

$mosquitto = FFI::cdef('
    struct mosquitto;
    struct mosquitto_message {
        int mid; char *topic; void *payload; int payloadlen; int qos; bool retain;
    };
    int mosquitto_lib_init(void);
    struct mosquitto *mosquitto_new(const char *id, bool clean_session, void *obj);
    int mosquitto_username_pw_set(struct mosquitto *mosq, const char *username, const char *password);
    void mosquitto_connect_callback_set(
        struct mosquitto *mosq, void (*on_connect)(struct mosquitto *, void *, int));
    void mosquitto_message_callback_set(
        struct mosquitto *mosq,
        void (*on_message)(struct mosquitto *, void *, const struct mosquitto_message *));
    int mosquitto_connect(struct mosquitto *mosq, const char *host, int port, int keepalive);
    int mosquitto_publish(struct mosquitto *mosq, int *mid, const char *topic, int payloadlen,
        const void *payload, int qos, bool retain);
    int mosquitto_loop(struct mosquitto *mosq, int timeout, int max_packets);
    int mosquitto_disconnect(struct mosquitto *mosq);
    void mosquitto_destroy(struct mosquitto *mosq);
    const char *mosquitto_strerror(int mosq_errno);
    const char *mosquitto_connack_string(int connack_code);
', 'libmosquitto.so.1');

function setting(string $name, string $otherwise): string
{
    return getenv($name) ?: $otherwise;
}

/** The password that goes with the client identifier, for a server with signature credentials. */
function signature(string $secret, string $clientId): string
{
    return base64_encode(hash_hmac('sha1', $clientId, $secret, true));
}

function fail(string $problem): never
{
    fwrite(STDERR, "$problem\n");
    exit(1);
}

$must = function (int $code, string $what) use ($mosquitto): void {
    if ($code !== 0) {
        fail("$what failed: " . $mosquitto->mosquitto_strerror($code));
    }
};

$clientId = setting('MQTT_CLIENT_ID', 'GID_demo@@@php');
$topic = setting('MQTT_PARENT', 'demo') . "/p2p/$clientId";
$answer = null;
$received = null;

$mosquitto->mosquitto_lib_init();
$client = $mosquitto->mosquitto_new($clientId, true, null);
if (getenv('MQTT_ACCESS_KEY') !== false) {
    $must($mosquitto->mosquitto_username_pw_set(
        $client,
        'Signature|' . getenv('MQTT_ACCESS_KEY') . '|' . setting('MQTT_INSTANCE_ID', ''),
        signature(setting('MQTT_SECRET', ''), $clientId),
    ), 'setting the user name');
}
$mosquitto->mosquitto_connect_callback_set($client, function ($client, $data, int $code) use (&$answer): void {
    $answer = $code;
});
$mosquitto->mosquitto_message_callback_set($client, function ($client, $data, $message) use (&$received): void {
    $payload = FFI::string($message->payload, $message->payloadlen);
    $received = FFI::string($message->topic) . ": $payload";
});
$must($mosquitto->mosquitto_connect(
    $client,
    setting('MQTT_HOST', '127.0.0.1'),
    (int) setting('MQTT_PORT', '1883'),
    60,
), 'connect');

$deadline = microtime(true) + TIMEOUT_SECONDS;
/** Lets the client read and write until what is awaited has come. */
$until = function (callable $isThere) use ($mosquitto, $client, $deadline, $must, &$answer): void {
    while (!$isThere()) {
        if (microtime(true) > $deadline) {
            fail('nothing came in ' . TIMEOUT_SECONDS . ' s');
        }
        $code = $mosquitto->mosquitto_loop($client, 100, 1);
        if ($answer > 0) {
            fail('the server refused: ' . $mosquitto->mosquitto_connack_string($answer));
        }
        $must($code, 'the connection');
    }
};

$until(function () use (&$answer): bool { return $answer !== null; });
$text = 'hello from PHP';
$must($mosquitto->mosquitto_publish($client, null, $topic, strlen($text), $text, QOS, false), 'publish');
$until(function () use (&$received): bool { return $received !== null; });
echo "$received\n";
$mosquitto->mosquitto_disconnect($client);
$mosquitto->mosquitto_destroy($client);
