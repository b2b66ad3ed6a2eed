package io.millrace.api.function;

/**
 * Makes records of a pair whose times are near each other.
 *
 * <p>Both records are its own: it may change, keep and emit them. One that is in several pairs
 * comes as a copy each time.
 */
public abstract class ProcessJoinFunction<IN1, IN2, OUT> extends AbstractRichFunction {
  /**
   * Called for each pair, as soon as its later record is there.
   *
   * @param left of the stream that {@code intervalJoin} was called on; never {@code null}
   * @param right of the other one; never {@code null}
   * @param out takes what is emitted with the higher one of the pair's timestamps, also {@code
   *     null} as a record like any other
   */
  public abstract void processElement(IN1 left, IN2 right, Context ctx, Collector<OUT> out)
      throws Exception;

  /** What may be asked during a call; times in milliseconds since the epoch. */
  public abstract class Context {
    public abstract long getLeftTimestamp();

    public abstract long getRightTimestamp();

    /** The higher one of the two. */
    public abstract long getTimestamp();

    /** Puts a record out at the side, with {@link #getTimestamp}. */
    public abstract <X> void output(OutputTag<X> tag, X value);
  }
}
