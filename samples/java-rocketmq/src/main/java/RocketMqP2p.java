import com.aliyun.openservices.ons.api.Message;
import com.aliyun.openservices.ons.api.ONSFactory;
import com.aliyun.openservices.ons.api.Producer;
import com.aliyun.openservices.ons.api.PropertyKeyConst;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** Sends a message from RocketMQ to one MQTT client, which has subscribed to nothing. */
public final class RocketMqP2p {
  public static void main(String[] args) {
    try {
      send();
      System.exit(0); // the SDK keeps threads
    } catch (RuntimeException problem) {
      System.err.println(problem.getMessage());
      System.exit(1);
    }
  }

  private static void send() {
    Properties properties = new Properties();
    properties.put(PropertyKeyConst.NAMESRV_ADDR, setting("ROCKETMQ_NAMESRV", "127.0.0.1:9876"));
    properties.put(PropertyKeyConst.GROUP_ID, "GID_demo");
    properties.put(PropertyKeyConst.AccessKey, setting("ROCKETMQ_ACCESS_KEY", "none"));
    properties.put(PropertyKeyConst.SecretKey, setting("ROCKETMQ_SECRET", "none"));
    Producer producer = ONSFactory.createProducer(properties);
    producer.start();

    byte[] body = "hello from RocketMQ".getBytes(StandardCharsets.UTF_8);
    Message msg = new Message(setting("MQTT_PARENT", "demo"), "MQ2MQTT", body);
    String subTopic = "/p2p/" + setting("MQTT_CLIENT_ID", "GID_demo@@@java");
    msg.putUserProperties(PropertyKeyConst.MqttSecondTopic, subTopic);
    System.out.println("sent " + producer.send(msg).getMessageId());
    producer.shutdown();
  }

  private static String setting(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }
}
