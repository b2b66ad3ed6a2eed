package io.millrace.hdfs;

import org.apache.hadoop.conf.Configuration;

/**
 * For a person who waits at the command line: Hadoop clients that give up within seconds, where
 * they would otherwise try for minutes to reach a NameNode that is down.
 */
public final class ShortPatience {
  private ShortPatience() {}

  /** A copy whose clients answer or fail within about six seconds per call. */
  public static Configuration in(Configuration conf) {
    var copy = new Configuration(conf);
    copy.setInt("ipc.client.connect.timeout", 2_500);
    copy.setInt("ipc.client.connect.max.retries", 1);
    copy.setInt("ipc.client.connect.max.retries.on.timeouts", 1);
    copy.setInt("ipc.client.connect.retry.interval", 500);
    copy.setInt("ipc.client.rpc-timeout.ms", 6_000);
    copy.setBoolean("dfs.client.retry.policy.enabled", false);
    copy.setInt("dfs.client.retry.max.attempts", 1);
    copy.setInt("dfs.client.failover.max.attempts", 2);
    copy.setInt("dfs.client.failover.sleep.base.millis", 200);
    copy.setInt("dfs.client.failover.sleep.max.millis", 500);
    copy.setInt("dfs.client.failover.connection.retries", 0);
    copy.setInt("dfs.client.failover.connection.retries.on.timeouts", 0);
    copy.setInt("dfs.client.socket-timeout", 5_000);
    // Who closes a file asks until its last block is reported, as a rule the first time after
    // 400 ms, then after twice as long each time: 10 s in all here.
    copy.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 10);
    copy.setInt("dfs.client.block.write.locateFollowingBlock.retries", 10);
    return copy;
  }
}
