// Sends a message point-to-point to itself and receives it without a subscription.
using System.Security.Cryptography;
using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

var timeout = TimeSpan.FromSeconds(10);
var clientId = Setting("MQTT_CLIENT_ID", "GID_demo@@@dotnet");
var topic = $"{Setting("MQTT_PARENT", "demo")}/p2p/{clientId}";

// MQTTnet speaks MQTT 5 unless it is told otherwise.
var options = new MqttClientOptionsBuilder()
    .WithProtocolVersion(MqttProtocolVersion.V311)
    .WithTcpServer(Setting("MQTT_HOST", "127.0.0.1"), int.Parse(Setting("MQTT_PORT", "1883")))
    .WithClientId(clientId);
if (Environment.GetEnvironmentVariable("MQTT_ACCESS_KEY") is { } accessKey)
{
    var username = $"Signature|{accessKey}|{Setting("MQTT_INSTANCE_ID", "")}";
    options.WithCredentials(username, Signature(Setting("MQTT_SECRET", ""), clientId));
}

using var client = new MqttClientFactory().CreateMqttClient();
var received = new TaskCompletionSource<string>();
client.ApplicationMessageReceivedAsync += arrival =>
{
    var message = arrival.ApplicationMessage;
    received.TrySetResult($"{message.Topic}: {message.ConvertPayloadToString()}");
    return Task.CompletedTask;
};

try
{
    var answer = await client.ConnectAsync(options.Build());
    if (answer.ResultCode != MqttClientConnectResultCode.Success)
    {
        throw new InvalidOperationException($"the server refused: {answer.ResultCode}");
    }
    await client.PublishStringAsync(topic, "hello from .NET", MqttQualityOfServiceLevel.AtLeastOnce);
    Console.WriteLine(await received.Task.WaitAsync(timeout));
    await client.DisconnectAsync();
    return 0;
}
catch (Exception problem)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}

// The password that goes with the client identifier, for a server with signature credentials.
static string Signature(string secret, string clientId) =>
    Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(clientId)));

static string Setting(string name, string otherwise) =>
    Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : otherwise;
