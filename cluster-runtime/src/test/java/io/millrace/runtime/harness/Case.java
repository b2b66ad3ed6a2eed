package io.millrace.runtime.harness;

import io.millrace.api.DataStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A small program around an operator.
 *
 * @param name for people
 * @param inputs how many streams it takes
 * @param settings of the job
 * @param sampled whether it meets only some of the orders of watermarks and barriers
 * @param alone whether what it emits depends on the parallelism, so that it has but one subtask
 * @param program from those streams to the lines that it emits, main output and side outputs
 */
record Case(
    String name,
    int inputs,
    Map<String, String> settings,
    boolean sampled,
    boolean alone,
    Function<List<DataStream<Item>>, List<DataStream<String>>> program) {
  /** What all operators are fed with. */
  record Item(String key, int number) {}

  Case with(String key, String value) {
    return new Case(
        name + " with " + key + " " + value, inputs, Map.of(key, value), sampled, alone, program);
  }

  /** One more way to use an operator that has a case of its own. */
  Case asSample() {
    return new Case(name, inputs, settings, true, alone, program);
  }

  Case inOneSubtask() {
    return new Case(name, inputs, settings, sampled, true, program);
  }

  /** For a second channel: each has keys of its own, but for a join, which needs some in common. */
  String otherKey() {
    return inputs == 1 ? "b" : "a";
  }

  /** Its contract, still without steps. */
  OperatorContract contract(int channels) {
    var contract = new OperatorContract();
    settings.forEach(contract::set);
    if (alone) {
      contract.parallelism(1);
    }
    var streams = new ArrayList<DataStream<Item>>();
    for (int i = 0; i < inputs; i++) {
      var input = contract.input(Item.class);
      for (int channel = 0; channel < channels; channel++) {
        input.channel();
      }
      streams.add(input.stream());
    }
    program.apply(streams).forEach(contract::output);
    return contract;
  }

  @Override
  public String toString() {
    return name;
  }
}
