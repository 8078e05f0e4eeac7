import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.rocketmq.broker.BrokerController;
import org.apache.rocketmq.broker.BrokerStartup;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.namesrv.NamesrvConfig;
import org.apache.rocketmq.namesrv.NamesrvController;
import org.apache.rocketmq.proxy.ProxyStartup;
import org.apache.rocketmq.proxy.config.ConfigurationManager;
import org.apache.rocketmq.proxy.grpc.interceptor.ContextInterceptor;
import org.apache.rocketmq.proxy.grpc.interceptor.GlobalExceptionInterceptor;
import org.apache.rocketmq.proxy.grpc.interceptor.HeaderInterceptor;
import org.apache.rocketmq.proxy.grpc.v2.GrpcMessagingApplication;
import org.apache.rocketmq.proxy.processor.DefaultMessagingProcessor;
import org.apache.rocketmq.remoting.netty.NettyClientConfig;
import org.apache.rocketmq.remoting.netty.NettyServerConfig;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.store.ha.DefaultHAService;

/**
 * Apache RocketMQ in one process: name server, broker and gRPC proxy, all at 127.0.0.1 only.
 *
 * <pre>RocketMq HOME NAME_SERVER_PORT BROKER_PORT GRPC_PORT TOPIC ...</pre>
 *
 * A topic is of the kind NORMAL, one written as {@code topic:FIFO} of that kind; a group written as {@code
 * group:ORDERED} receives in order. The stock start scripts open their ports on every interface.
 */
public final class RocketMq {
  private static final String HOST = "127.0.0.1";
  private static final String FLUSH = System.getProperty("flush", "ASYNC_FLUSH");

  /** A single broker has no replica to feed, and the stock service listens on every interface. */
  public static final class NoReplication extends DefaultHAService {
    @Override
    public void start() {}

    @Override
    public void shutdown() {}
  }

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]).toAbsolutePath();
    int nameServerPort = Integer.parseInt(args[1]);
    int brokerPort = Integer.parseInt(args[2]);
    int grpcPort = Integer.parseInt(args[3]);
    String nameServer = HOST + ":" + nameServerPort;
    Files.createDirectories(home.resolve("conf"));

    startNameServer(home, nameServerPort);
    Files.writeString(
        home.resolve("conf/rmq-proxy.json"),
        "{\"rocketMQClusterName\":\"DefaultCluster\",\"proxyMode\":\"LOCAL\",\"localServeAddr\":\"" + HOST + "\"}");
    ConfigurationManager.initEnv();
    ConfigurationManager.intConfig();
    ConfigurationManager.getProxyConfig().setGrpcServerPort(grpcPort);
    ConfigurationManager.getProxyConfig().setNamesrvAddr(nameServer);
    ProxyStartup.initThreadPoolMonitor();
    Thread.currentThread().setContextClassLoader(RocketMq.class.getClassLoader()); // finds META-INF/service
    BrokerController broker = startBroker(home, brokerPort, nameServer);
    for (int i = 4; i < args.length; i++) make(broker, args[i]);
    broker.registerBrokerAll(true, false, true); // the name server knows the topics now
    startProxy(broker, grpcPort);
    System.out.println("ready");
    System.out.flush();
  }

  private static void startNameServer(Path home, int port) throws Exception {
    NamesrvConfig config = new NamesrvConfig();
    config.setRocketmqHome(home.toString());
    config.setKvConfigPath(home + "/namesrv/kv.json");
    config.setConfigStorePath(home + "/namesrv/namesrv.properties");
    NettyServerConfig netty = new NettyServerConfig();
    netty.setBindAddress(HOST);
    netty.setListenPort(port);
    NamesrvController nameServer = new NamesrvController(config, netty, new NettyClientConfig());
    if (!nameServer.initialize()) throw new IllegalStateException("the name server does not start");
    nameServer.start();
  }

  private static BrokerController startBroker(Path home, int port, String nameServer) throws Exception {
    Path file = home.resolve("conf/broker.conf");
    Files.writeString(
        file,
        String.join(
            "\n",
            "brokerClusterName=DefaultCluster",
            "brokerName=broker-a",
            "brokerId=0",
            "brokerIP1=" + HOST,
            "bindAddress=" + HOST,
            "listenPort=" + port,
            "storePathRootDir=" + home + "/store",
            "storePathCommitLog=" + home + "/store/commitlog",
            "brokerRole=ASYNC_MASTER",
            "flushDiskType=" + FLUSH,
            // Acknowledgements, too, outlive a kill: as a rule they are kept in memory for some seconds.
            "enablePopBufferMerge=" + !FLUSH.equals("SYNC_FLUSH"),
            "flushConsumerOffsetInterval=" + (FLUSH.equals("SYNC_FLUSH") ? 500 : 5000),
            "autoCreateTopicEnable=false",
            "autoCreateSubscriptionGroup=true",
            // The defaults take gigabytes of disk and memory.
            "mappedFileSizeCommitLog=16777216",
            "mappedFileSizeConsumeQueue=60000",
            "maxIndexNum=50000",
            "maxHashSlotNum=10000",
            "mappedFileSizeTimerLog=1048576",
            "timerWheelSlots=3600",
            "diskMaxUsedSpaceRatio=99",
            ""));
    BrokerController broker =
        BrokerStartup.createBrokerController(new String[] {"-c", file.toString(), "-n", nameServer});
    broker.start();
    return broker;
  }

  private static void make(BrokerController broker, String wanted) {
    String[] parts = wanted.split(":");
    String kind = parts.length > 1 ? parts[1] : "NORMAL";
    if (kind.equals("ORDERED")) {
      SubscriptionGroupConfig group = new SubscriptionGroupConfig();
      group.setGroupName(parts[0]);
      group.setConsumeMessageOrderly(true);
      broker.getSubscriptionGroupManager().updateSubscriptionGroupConfig(group);
      return;
    }
    TopicConfig topic = new TopicConfig(parts[0], 4, 4);
    topic.setAttributes(Map.of("+message.type", kind));
    broker.getTopicConfigManager().updateTopicConfig(topic);
  }

  private static void startProxy(BrokerController broker, int port) throws Exception {
    DefaultMessagingProcessor processor = DefaultMessagingProcessor.createForLocalMode(broker);
    processor.start();
    GrpcMessagingApplication application = GrpcMessagingApplication.create(processor);
    application.start();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(HOST, port))
            .executor(ProxyStartup.createServerExecutor())
            .maxInboundMessageSize(ConfigurationManager.getProxyConfig().getGrpcMaxInboundMessageSize())
            .addService(application)
            .intercept(new GlobalExceptionInterceptor())
            .intercept(new ContextInterceptor())
            .intercept(new HeaderInterceptor())
            .build();
    server.start();
  }
}
