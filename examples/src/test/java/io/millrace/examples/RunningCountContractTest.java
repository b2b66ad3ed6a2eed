package io.millrace.examples;

import io.millrace.runtime.harness.OperatorContract;
import org.junit.jupiter.api.Test;

/** A function driven through everything that can happen to it. */
class RunningCountContractTest {
  @Test
  void countsAreExactWhateverHappens() {
    var contract = new OperatorContract();
    var numbers = contract.input(Long.class);
    numbers.channel().element(7L, 1).watermark(5).element(17L, 8);
    numbers.channel().element(8L, 2).watermark(6).element(18L, 9);
    contract.output(numbers.stream().keyBy(n -> n % 10).process(new SequenceCount.RunningCount()));
    contract.holds();
  }
}
