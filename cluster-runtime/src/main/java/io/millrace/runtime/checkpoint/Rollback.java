package io.millrace.runtime.checkpoint;

/**
 * The job goes back to an older checkpoint, and sinks take back what they have shown since. Durable
 * before they begin: whoever recovers the job next starts from no checkpoint that was given up,
 * readable or not, and has the sinks finish what may have been interrupted.
 *
 * @param number counts these of a job from 1; the highest holds
 * @param inherited whether another job took the checkpoints, of whose names none is taken away
 * @param to the checkpoint that the job goes back to
 * @param upTo those after {@code to}, up to this one, are given up
 * @param generation the last one that was deployed before; no task of it, or of an earlier one, may
 *     go on: what it has promised since {@code to} is gone
 */
public record Rollback(int number, boolean inherited, long to, long upTo, int generation)
    implements Fact {
  /** What to do about one that cannot be read, as the end of a sentence. */
  static final String IF_DAMAGED =
      "; sinks may have taken back only a part of what they had shown, so nothing is done with the"
          + " job: look at its output, then delete the file by hand; the newest checkpoint counts"
          + " from then on, and what was shown after it stays, though it may be written again";

  /**
   * Whether sinks may not have taken back all of it yet, as they have once a newer checkpoint has
   * completed.
   *
   * @param newest own checkpoint of the job that was not given up
   */
  public boolean isOwed(long newest) {
    return !inherited && to == newest;
  }

  /** Whether nobody may start from that checkpoint any more. */
  public boolean givesUp(boolean ofAnotherJob, long checkpoint) {
    return inherited == ofAnotherJob && checkpoint > to && checkpoint <= upTo;
  }
}
