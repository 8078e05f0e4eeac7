import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** Sends a message point-to-point to itself and receives it without a subscription. */
public final class P2p {
  private static final int TIMEOUT_SECONDS = 10;

  public static void main(String[] args) throws Exception {
    String clientId = setting("MQTT_CLIENT_ID", "GID_demo@@@java");
    String topic = setting("MQTT_PARENT", "demo") + "/p2p/" + clientId;
    String url = "tcp://" + setting("MQTT_HOST", "127.0.0.1") + ":" + setting("MQTT_PORT", "1883");

    MqttConnectOptions options = new MqttConnectOptions();
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    String accessKey = System.getenv("MQTT_ACCESS_KEY");
    if (accessKey != null) {
      options.setUserName("Signature|" + accessKey + "|" + setting("MQTT_INSTANCE_ID", ""));
      options.setPassword(signature(setting("MQTT_SECRET", ""), clientId).toCharArray());
    }

    CompletableFuture<String> received = new CompletableFuture<>();
    try (MqttClient client = new MqttClient(url, clientId, new MemoryPersistence())) {
      client.setCallback(new Callback(received));
      client.connect(options);
      client.publish(topic, "hello from Java".getBytes(StandardCharsets.UTF_8), 1, false);
      System.out.println(received.get(TIMEOUT_SECONDS, TimeUnit.SECONDS));
      client.disconnect();
    } catch (MqttException problem) {
      fail(problem.getMessage() + " (" + problem.getReasonCode() + ")");
    } catch (TimeoutException problem) {
      fail("nothing came in " + TIMEOUT_SECONDS + " s");
    }
  }

  private static final class Callback implements MqttCallback {
    private final CompletableFuture<String> received;

    Callback(CompletableFuture<String> received) {
      this.received = received;
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      received.complete(topic + ": " + new String(message.getPayload(), StandardCharsets.UTF_8));
    }

    @Override
    public void connectionLost(Throwable cause) {
      received.completeExceptionally(cause);
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {}
  }

  /** The password that goes with the client identifier, for a server with signature credentials. */
  private static String signature(String secret, String clientId) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA1");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
    byte[] digest = mac.doFinal(clientId.getBytes(StandardCharsets.UTF_8));
    return Base64.getEncoder().encodeToString(digest);
  }

  private static String setting(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  private static void fail(String problem) {
    System.err.println(problem);
    System.exit(1);
  }
}
