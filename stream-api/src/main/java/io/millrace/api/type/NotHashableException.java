package io.millrace.api.type;

/** A type that has no hash which is the same in every process, so it cannot be (part of) a key. */
public final class NotHashableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String typeName;

  public NotHashableException(String typeName) {
    super(
        "type "
            + typeName
            + " has no hash that is stable across processes; use a key made of primitives, strings,"
            + " enums, records, tuples or lists of such, or of POJOs whose equals and hashCode"
            + " take all their properties into account");
    this.typeName = typeName;
  }

  /** The type without a hash, which may be a part of the type that was asked. */
  public String typeName() {
    return typeName;
  }
}
