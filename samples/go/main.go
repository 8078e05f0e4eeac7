// Sends a message point-to-point to itself and receives it without a subscription.
package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

const timeout = 10 * time.Second

func main() {
	log.SetFlags(0)
	clientID := setting("MQTT_CLIENT_ID", "GID_demo@@@go")
	topic := setting("MQTT_PARENT", "demo") + "/p2p/" + clientID
	received := make(chan mqtt.Message, 1)

	address := setting("MQTT_HOST", "127.0.0.1") + ":" + setting("MQTT_PORT", "1883")
	options := mqtt.NewClientOptions().AddBroker("tcp://" + address).SetClientID(clientID)
	options.SetProtocolVersion(4) // MQTT 3.1.1
	// Paho gives a message to the handler of the subscription that it fits, and drops it when there
	// is none. A point-to-point message fits no subscription: it comes to this handler.
	options.SetDefaultPublishHandler(func(_ mqtt.Client, message mqtt.Message) {
		received <- message
	})
	if accessKey := os.Getenv("MQTT_ACCESS_KEY"); accessKey != "" {
		options.SetUsername("Signature|" + accessKey + "|" + os.Getenv("MQTT_INSTANCE_ID"))
		options.SetPassword(signature(os.Getenv("MQTT_SECRET"), clientID))
	}

	client := mqtt.NewClient(options)
	must(client.Connect())
	must(client.Publish(topic, 1, false, "hello from Go"))
	select {
	case message := <-received:
		fmt.Printf("%s: %s\n", message.Topic(), message.Payload())
	case <-time.After(timeout):
		log.Fatalf("nothing came in %v", timeout)
	}
	client.Disconnect(250)
}

// The password that goes with the client identifier, for a server with signature credentials.
func signature(secret, clientID string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(clientID))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// Waits until the server has answered, and ends the program when it refuses.
func must(token mqtt.Token) {
	if !token.WaitTimeout(timeout) {
		log.Fatalf("no answer in %v", timeout)
	}
	if err := token.Error(); err != nil {
		log.Fatal(err)
	}
}
