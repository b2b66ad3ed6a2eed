package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

/** The key of an application goes through RPC, and through the blocks of a file in HDFS. */
class CautionsTest {
  private static List<String> cautions(String... pairs) {
    var conf = new Configuration(false);
    conf.set("fs.defaultFS", "hdfs://somewhere:1");
    for (int i = 0; i < pairs.length; i += 2) {
      conf.set(pairs[i], pairs[i + 1]);
    }
    return YarnDeployer.cautions(conf);
  }

  @Test
  void theDefaultsEncryptNeither() {
    assertThat(cautions())
        .singleElement()
        .asString()
        .startsWith(
            "hadoop.rpc.protection is authentication and dfs.encrypt.data.transfer is false: ")
        .endsWith("only privacy and true encrypt it");
  }

  @Test
  void privacyOfRpcDoesNotReachTheBlocks() {
    assertThat(cautions("hadoop.rpc.protection", "privacy"))
        .singleElement()
        .asString()
        .startsWith("dfs.encrypt.data.transfer is false: ")
        .endsWith("only true encrypts it");
    assertThat(cautions("hadoop.rpc.protection", "privacy", "dfs.encrypt.data.transfer", "true"))
        .isEmpty();
    assertThat(
            cautions("hadoop.rpc.protection", "privacy", "dfs.data.transfer.protection", "privacy"))
        .isEmpty();
  }

  @Test
  void aListOfQualitiesMayEndInTheWorst() {
    assertThat(
            cautions(
                "hadoop.rpc.protection",
                "privacy,authentication",
                "dfs.data.transfer.protection",
                "integrity"))
        .singleElement()
        .asString()
        .contains("privacy,authentication", "dfs.encrypt.data.transfer");
  }
}
