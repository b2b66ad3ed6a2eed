package io.millrace.api.type;

/**
 * The serializers of the types that are asked for with one class loader. All tasks of a job in a
 * process share them, one after the other too: code that was made for a type and compiled by the
 * JVM is still there when a task starts again.
 *
 * <p>They hold classes of the loader, so nobody but the loader may hold them: with it they go.
 */
public final class SharedSerializers {
  /**
   * Of the loader of the engine, which holds this class. What that loader finds lives as long as it
   * does anyway.
   */
  private static final SharedSerializers OWN =
      new SharedSerializers(SharedSerializers.class.getClassLoader());

  private final Catalog catalog;

  public SharedSerializers(ClassLoader loader) {
    catalog = new Catalog(loader);
  }

  /** What is shared by all who use this loader; of a loader that keeps nothing, a new one. */
  static Catalog of(ClassLoader loader) {
    if (loader instanceof JobClassLoader job) {
      return job.serializers().catalog;
    }
    return loader == SharedSerializers.class.getClassLoader() ? OWN.catalog : new Catalog(loader);
  }
}
