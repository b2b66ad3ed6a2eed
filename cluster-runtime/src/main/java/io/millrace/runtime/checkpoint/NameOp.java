package io.millrace.runtime.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;

/**
 * One operation on {@link DurableNames}, as a value: decided by a procedure, done by its driver.
 */
public sealed interface NameOp {

  record ListFolder(String folder) implements NameOp {}

  record CreateExclusive(String name, byte[] bytes) implements NameOp {}

  record Mkdir(String name) implements NameOp {}

  record Rename(String from, String to) implements NameOp {}

  record Read(String name) implements NameOp {}

  record Delete(String name) implements NameOp {}

  record RemoveDirectory() implements NameOp {}

  /** Does it and tells what came of it; may wait. Never throws for an error of the world. */
  default Outcome apply(DurableNames names) {
    try {
      if (this instanceof ListFolder op) {
        return new Outcome.Listed(names.list(op.folder()));
      } else if (this instanceof CreateExclusive op) {
        return new Outcome.Created(names.createExclusive(op.name(), op.bytes()));
      } else if (this instanceof Mkdir op) {
        names.mkdir(op.name());
      } else if (this instanceof Rename op) {
        names.rename(op.from(), op.to());
      } else if (this instanceof Read op) {
        return read(op, names);
      } else if (this instanceof Delete op) {
        names.delete(op.name());
      } else if (this instanceof RemoveDirectory) {
        names.removeDirectory();
      }
      return new Outcome.Done();
    } catch (IOException | RuntimeException e) {
      return new Outcome.Failed(e.toString());
    }
  }

  private static Outcome read(Read op, DurableNames names) throws IOException {
    try {
      return new Outcome.Content(names.read(op.name()));
    } catch (FileNotFoundException e) {
      return new Outcome.Absent();
    }
  }
}
