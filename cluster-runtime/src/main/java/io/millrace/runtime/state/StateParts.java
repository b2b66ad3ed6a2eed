package io.millrace.runtime.state;

/** Where the parts of written state end, for those who read them one by one. */
public final class StateParts {
  /** So many bytes at the beginning of a part tell its length. */
  public static final int HEADER = Portable.PART_HEADER;

  /**
   * Length of the part that begins with these bytes, its header included.
   *
   * @throws io.millrace.api.type.CorruptDataException if no part begins so
   */
  public static int length(byte[] header) {
    return Portable.partLength(header);
  }

  private StateParts() {}
}
