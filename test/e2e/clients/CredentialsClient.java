import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** What credentials_client.py does, with Paho for Java. */
public final class CredentialsClient {
  private static final CountDownLatch RECEIVED = new CountDownLatch(1);
  private static final CountDownLatch LOST = new CountDownLatch(1);

  public static void main(String[] args) throws Exception {
    MqttClient client =
        new MqttClient("tcp://127.0.0.1:" + args[0], args[1], new MemoryPersistence());
    MqttConnectOptions options = new MqttConnectOptions();
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    options.setUserName(args[2]);
    options.setPassword(args[3].toCharArray());
    client.setTimeToWait(20_000);
    client.setCallback(new Callback());
    try {
      client.connect(options);
    } catch (MqttException refused) {
      System.out.println("CONNACK " + refused.getReasonCode());
      System.exit(0);
    }
    System.out.println("CONNACK 0");
    client.subscribe("t/#", 1);
    client.publish("t/x", bytes("hello"), 1, false);
    must(RECEIVED, "received");
    if (args.length == 4) {
      client.disconnect();
    } else {
      String update = "{\"token\":\"" + args[4] + "\",\"type\":\"RW\"}";
      client.publish("$SYS/uploadToken", bytes(update), 1, false);
      client.publish("u/x", bytes("by the new token"), 1, false);
      System.out.println("published");
      must(LOST, "closed");
      System.out.println("lost");
    }
    client.close();
    System.exit(0);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void must(CountDownLatch latch, String what) throws InterruptedException {
    if (latch.await(20, TimeUnit.SECONDS)) return;
    System.err.println("not " + what + " in time");
    System.exit(1);
  }

  private static final class Callback implements MqttCallback {
    @Override
    public void connectionLost(Throwable cause) {
      LOST.countDown();
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      System.out.println(topic + " " + new String(message.getPayload(), StandardCharsets.UTF_8));
      RECEIVED.countDown();
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {}
  }
}
