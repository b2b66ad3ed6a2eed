package io.millrace.api.type;

/**
 * The class loader of a job whose classes lie in jars of its own, as in every cluster. What it
 * finds in the loader of the engine belongs to the engine and its libraries, and is none of the
 * job's.
 */
public interface JobClassLoader {
  /** Of all that is asked for with this loader; always the same. */
  SharedSerializers serializers();

  /**
   * Whether classes of the job and of the engine can be told apart by their loaders: if that is
   * such a loader, or looks into one. Where a program brings its engine along, all of them may come
   * from the same.
   */
  static boolean tellsApart(ClassLoader loader) {
    for (ClassLoader each = loader; each != null; each = each.getParent()) {
      if (each instanceof JobClassLoader) {
        return true;
      }
    }
    return false;
  }
}
