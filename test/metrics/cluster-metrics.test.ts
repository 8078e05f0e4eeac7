import { describe, expect, it } from "vitest";
import { clusterText } from "../packaging/shown-metrics.js";

describe("metrics of a cluster", () => {
  it("are what the node and its way to the others have counted, however often somebody asks", async () => {
    const lines = (await clusterText()).split("\n");
    expect(lines.filter((line) => line !== "" && !line.startsWith("#"))).toEqual([
      "mqtt_cluster_serving 1",
      "mqtt_cluster_leaving 1",
      "mqtt_cluster_nodes 2",
      "mqtt_cluster_connected 1",
      "mqtt_cluster_log_lag_seconds 0.017",
      "mqtt_cluster_log_behind_entries 6",
      "mqtt_cluster_waiting_messages 15",
      "mqtt_cluster_waiting_connects 16",
      "mqtt_cluster_handovers_under_way 19",
      "mqtt_cluster_stand_ins 1",
      "mqtt_cluster_adoptions_under_way 26",
      "mqtt_cluster_adoption_seconds 2.5",
      "mqtt_cluster_unsent_bytes 13",
      "mqtt_cluster_queued_messages 14",
      "mqtt_cluster_waiting_retained_messages 22",
      "mqtt_cluster_waiting_retained_bytes 23",
      "mqtt_cluster_retained_lag_seconds 0.025",
      "mqtt_cluster_reconnects_total 1",
      "mqtt_cluster_log_appended_total 2",
      "mqtt_cluster_log_unanswered_total 3",
      "mqtt_cluster_log_read_total 4",
      "mqtt_cluster_log_missed_total 5",
      "mqtt_cluster_sent_messages_total 7",
      "mqtt_cluster_sent_bytes_total 8",
      "mqtt_cluster_received_messages_total 9",
      "mqtt_cluster_received_bytes_total 10",
      "mqtt_cluster_sends_dropped_total 11",
      "mqtt_cluster_retained_appended_total 19",
      "mqtt_cluster_retained_unanswered_total 20",
      "mqtt_cluster_retained_read_total 21",
      "mqtt_cluster_retained_overdue_total 24",
      "mqtt_cluster_handovers_left_total 20",
      "mqtt_cluster_handovers_arrived_total 21",
      "mqtt_cluster_handovers_failed_total 22",
      "mqtt_cluster_adoptions_done_total 27",
      "mqtt_cluster_adoptions_failed_total 28",
      "mqtt_cluster_adopted_sessions_total 29",
      "mqtt_cluster_foreign_total 30",
    ]);
  });
});
