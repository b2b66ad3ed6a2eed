package io.millrace.api.type;

/** A type that cannot become bytes; says where it was met and what to do about it. */
public class NoSerializerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String typeName;

  NoSerializerException(String typeName, String fieldPath, String reason, String remedy) {
    super(
        "type "
            + typeName
            + (fieldPath.isEmpty() ? "" : " (field path " + fieldPath + ")")
            + " has no serializer: "
            + reason
            + "; "
            + remedy);
    this.typeName = typeName;
  }

  /** The type without a serializer, which may be the type of a field deep inside the one asked. */
  public String typeName() {
    return typeName;
  }
}
