package io.millrace.simulator;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test method that builds a job and has it run in simulated clusters, in one thread and virtual
 * time: first in one in which nothing goes wrong, then in one for each seed, in which processes
 * die, messages are lost and storage fails as the seed decides. Each time the job's output must be
 * the same, in any order. What runs is the engine itself, not a model of it.
 *
 * <p>The method takes one parameter, a {@link SimulatedJob}, and ends the streams that it builds on
 * its environment in its sink. It is called once for each life and must build the same job each
 * time; it does not execute it.
 *
 * <pre>{@code
 * @SimTest(seeds = 200)
 * void eachWordIsCountedOnce(SimulatedJob job) {
 *   job.env().fromElements("a", "b", "a").keyBy(word -> word).process(new Count()).sinkTo(job.sink());
 * }
 * }</pre>
 *
 * <p>A life in which the output differs, or the job does not end, fails under the name of its seed;
 * {@code @SimTest(seed = 17)} repeats that life alone, to the last event, as long as neither the
 * job nor Millrace changes.
 *
 * <p>The output must not depend on the order in which parallel streams meet, on the parallelism, on
 * the wall clock or on chance: the simulator moves the clock as it likes, and a job that goes on
 * from a checkpoint or savepoint mostly has another parallelism then, where its operators have not
 * been given one of their own. Sources have to be bounded, and replayable like those of {@code
 * fromElements}, {@code fromSequence} and {@code fromGenerator}. Checkpoints are taken every 100 ms
 * to 1 s of virtual time, unless the job says otherwise.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(SimTestExtension.class)
public @interface SimTest {
  /** How many lives; each takes some hundredths of a second for a small job. */
  int seeds() default 100;

  /** The seed of the first life; those of the others follow it. */
  long firstSeed() default 1;

  /** Lives to repeat, by their seeds; if there are any, no others are lived. */
  long[] seed() default {};
}
