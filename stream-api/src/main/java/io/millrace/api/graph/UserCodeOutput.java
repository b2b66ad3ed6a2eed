package io.millrace.api.graph;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;

/** Writes objects of users without the objects around them that they never look at. */
final class UserCodeOutput extends ObjectOutputStream {
  private final Surroundings surroundings = new Surroundings();

  UserCodeOutput(OutputStream out) throws IOException {
    super(out);
    enableReplaceObject(true);
  }

  /** Sees each object before anything of it is written. */
  @Override
  protected Object replaceObject(Object object) {
    surroundings.leave(object);
    return object;
  }
}
