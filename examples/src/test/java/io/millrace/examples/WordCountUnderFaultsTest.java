package io.millrace.examples;

import io.millrace.simulator.SimTest;
import io.millrace.simulator.SimulatedJob;

class WordCountUnderFaultsTest {
  @SimTest(seeds = 20)
  void countsEachWordOnceWhateverDies(SimulatedJob job) {
    job.env().setParallelism(2);
    job.env()
        .fromElements("to be or not to be", "that is the question", "to die, to sleep")
        .flatMap(new WordCount.Words())
        .keyBy(word -> word)
        .process(new WordCount.CountToTheEnd())
        .sinkTo(job.sink());
  }
}
