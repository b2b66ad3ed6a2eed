package io.millrace.api.function;

/** Makes records of a pair whose times are near each other. */
public abstract class ProcessJoinFunction<IN1, IN2, OUT> extends AbstractRichFunction {
  /**
   * What is emitted carries the higher one of the pair's timestamps. The function may change or
   * keep the pair: no other call gets the same two.
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
