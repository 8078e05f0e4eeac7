import com.aliyun.openservices.ons.api.ONSFactory;
import com.aliyun.openservices.ons.api.PropertyKeyConst;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * Sends with every SDK that people use, one message for each line that it reads:
 *
 * <pre>SDK TAB TOPIC TAB BODY [TAB NAME=VALUE] ...</pre>
 *
 * SDK is grpc, remoting, ons or mqtt. A body {@code *N} is N times the letter x. Arguments: the gRPC proxy, the name
 * server, the MQTT server.
 */
public final class Sender {
  private static final ClientServiceProvider PROVIDER = ClientServiceProvider.loadService();
  private static final long PATIENCE_NANOS = 60_000_000_000L;
  private static String proxy;
  private static String nameServer;
  private static String mqtt;
  private static org.apache.rocketmq.client.apis.producer.Producer grpcProducer;
  private static DefaultMQProducer remotingProducer;
  private static com.aliyun.openservices.ons.api.Producer onsProducer;
  private static MqttClient sampleClient;

  public static void main(String[] args) {
    try {
      sendAll(args);
      System.exit(0); // the SDKs keep threads
    } catch (Exception problem) {
      problem.printStackTrace();
      System.exit(1);
    }
  }

  private static void sendAll(String[] args) throws Exception {
    proxy = args[0];
    nameServer = args[1];
    mqtt = args[2];
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] parts = line.split("\t", -1);
      Map<String, String> properties = new HashMap<>();
      for (int i = 3; i < parts.length; i++) {
        String[] pair = parts[i].split("=", 2);
        properties.put(pair[0], pair[1]);
      }
      sendSurely(parts[0], parts[1], bytesOf(parts[2]), properties);
      System.out.println("sent");
      System.out.flush();
    }
  }

  /**
   * As every sender has to, where RocketMQ does not answer in time: on a machine with other work the SDKs' 3 s, which
   * cannot all be set, are short. A message may arrive twice then.
   */
  private static void sendSurely(String sdk, String topic, byte[] body, Map<String, String> properties)
      throws Exception {
    long until = System.nanoTime() + PATIENCE_NANOS;
    for (;;) {
      try {
        send(sdk, topic, body, new HashMap<>(properties));
        return;
      } catch (Exception problem) {
        if (System.nanoTime() > until) throw problem;
      }
    }
  }

  private static byte[] bytesOf(String body) {
    String text = body.startsWith("*") ? "x".repeat(Integer.parseInt(body.substring(1))) : body;
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void send(String sdk, String topic, byte[] body, Map<String, String> properties)
      throws Exception {
    switch (sdk) {
      case "grpc":
        grpc(topic, body, properties);
        break;
      case "remoting":
        remoting(topic, body, properties);
        break;
      case "ons":
        ons(topic, body, properties);
        break;
      case "mqtt":
        mqtt(topic, body, properties);
        break;
      default:
        throw new IllegalArgumentException(sdk);
    }
  }

  private static void grpc(String topic, byte[] body, Map<String, String> properties) throws Exception {
    if (grpcProducer == null) {
      ClientConfiguration configuration =
          ClientConfiguration.newBuilder().setEndpoints(proxy).setRequestTimeout(Duration.ofSeconds(30)).enableSsl(false).build();
      grpcProducer = PROVIDER.newProducerBuilder().setClientConfiguration(configuration).build();
    }
    var message = PROVIDER.newMessageBuilder().setTopic(topic).setTag("MQ2MQTT").setBody(body);
    properties.forEach(message::addProperty);
    grpcProducer.send(message.build());
  }

  private static void remoting(String topic, byte[] body, Map<String, String> properties) throws Exception {
    if (remotingProducer == null) {
      remotingProducer = new DefaultMQProducer("java_sender");
      remotingProducer.setMqClientApiTimeout(30_000);
      remotingProducer.setNamesrvAddr(nameServer);
      remotingProducer.setVipChannelEnabled(false);
      remotingProducer.setSendMsgTimeout(30_000); // for a machine with other work
      remotingProducer.start();
    }
    var message = new org.apache.rocketmq.common.message.Message(topic, "MQ2MQTT", body);
    properties.forEach(message::putUserProperty);
    remotingProducer.send(message);
  }

  private static void ons(String topic, byte[] body, Map<String, String> properties) {
    if (onsProducer == null) {
      Properties settings = new Properties();
      settings.put(PropertyKeyConst.NAMESRV_ADDR, nameServer);
      settings.put(PropertyKeyConst.GROUP_ID, "GID_java_sender");
      settings.put(PropertyKeyConst.SendMsgTimeoutMillis, "30000");
      settings.put(PropertyKeyConst.AccessKey, "none");
      settings.put(PropertyKeyConst.SecretKey, "none");
      onsProducer = ONSFactory.createProducer(settings);
      onsProducer.start();
    }
    var msg = new com.aliyun.openservices.ons.api.Message(topic, "MQ2MQTT", body);
    String second = properties.remove("second");
    if (second != null) {
      // The second snippet of the page that point-to-point comes from, but for the name of the device.
      String subTopic="/p2p/" + second;
      msg.putUserProperties(PropertyKeyConst.MqttSecondTopic, subTopic);
    }
    properties.forEach(msg::putUserProperties);
    onsProducer.send(msg);
  }

  private static void mqtt(String topic, byte[] body, Map<String, String> properties) throws Exception {
    if (sampleClient == null) {
      sampleClient = new MqttClient("tcp://" + mqtt, "java-sender", new MemoryPersistence());
    }
    if (!sampleClient.isConnected()) sampleClient.connect();
    MqttMessage message = new MqttMessage(body);
    // The first snippet of that page, but for the name of the device.
    String p2pTopic =topic+"/p2p/" + properties.get("second");
    sampleClient.publish(p2pTopic,message);
  }
}
