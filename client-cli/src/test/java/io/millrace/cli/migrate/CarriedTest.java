package io.millrace.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.migrate.JavaSource.Result;
import org.junit.jupiter.api.Test;

class CarriedTest {
  @Test
  void whatNoRecordCanCarryIsListed() {
    Result result =
        rewrite(
            """
            import java.util.*;
            import java.util.concurrent.ArrayBlockingQueue;
            import org.apache.flink.api.common.state.ValueState;
            import org.apache.flink.streaming.api.datastream.DataStream;
            class A {
              ValueState<Random> random;
              DataStream<Map<String, ArrayBlockingQueue<Long>>> queues;
              record Failed(String name, Exception cause) {}
              Random used = new Random();
            }
            """);

    assertThat(result.remarks())
        .extracting(remark -> remark.line() + " " + remark.text())
        .satisfiesExactly(
            one -> assertThat(one).startsWith("6 ").contains("java.util.Random", "seed"),
            one -> assertThat(one).startsWith("7 ").contains("ArrayBlockingQueue"),
            one -> assertThat(one).startsWith("8 ").contains("java.lang.Exception", "message"));
    assertThat(
            rewrite(
                    """
                    import org.apache.flink.api.common.state.ValueState;
                    class A { ValueState<Random> mine; class Random {} }
                    """)
                .remarks())
        .isEmpty();
  }

  private static Result rewrite(String text) {
    return JavaSource.rewrite(text, Counterparts.load(), name -> false);
  }
}
