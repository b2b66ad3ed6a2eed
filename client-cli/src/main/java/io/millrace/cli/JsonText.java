package io.millrace.cli;

/** A JSON text on one line, written from left to right. */
final class JsonText {
  private final StringBuilder text = new StringBuilder();

  /** Whether something stands before the next element of the same object or array. */
  private boolean comma;

  JsonText open(char bracket) {
    separate();
    text.append(bracket);
    comma = false;
    return this;
  }

  void close(char bracket) {
    text.append(bracket);
    comma = true;
  }

  JsonText name(String name) {
    text(name);
    text.append(':');
    comma = false;
    return this;
  }

  /** Null is null. */
  void text(String value) {
    separate();
    if (value == null) {
      text.append("null");
      comma = true;
      return;
    }
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        text.append(String.format("\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
    comma = true;
  }

  void number(long value) {
    separate();
    text.append(value);
    comma = true;
  }

  void bool(boolean value) {
    separate();
    text.append(value);
    comma = true;
  }

  private void separate() {
    if (comma) {
      text.append(',');
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
