package io.millrace.yarn;

import java.util.Optional;

/**
 * The archives of classes that a container finds in its working directory. Which of them its JVM
 * can take depends on the jars of Hadoop that the node has, so the shell that starts it looks.
 *
 * @param engine whether there is one of the engine's classes, which goes with any Hadoop
 * @param hadoop one that has Hadoop's as well, if there is
 */
record SharedClasses(boolean engine, Optional<WithHadoop> hadoop) {
  static final SharedClasses NONE = new SharedClasses(false, Optional.empty());

  /**
   * What an archive with Hadoop's classes wants.
   *
   * @param classPath how the class path has to begin
   * @param stamp that {@link HadoopJars#STAMP} has to come to
   */
  record WithHadoop(String classPath, String stamp) {}

  /**
   * For the shell that starts the JVM: settles the class path, and says the archive in {@code A}.
   */
  String choice() {
    var script = new StringBuilder("A=");
    if (engine) {
      script.append("-XX:SharedArchiveFile=").append(ClassArchive.LINK);
    }
    script.append("; ");
    hadoop.ifPresent(
        with ->
            script
                .append("if [ \"")
                .append(HadoopJars.STAMP)
                .append("\" = '")
                .append(with.stamp())
                .append("  -' ]; then export CLASSPATH=")
                .append(LaunchCommand.word(with.classPath()))
                .append(":\"$CLASSPATH\"; A=-XX:SharedArchiveFile=")
                .append(ClassArchive.WITH_HADOOP)
                .append("; fi; "));
    return script.toString();
  }

  /** Words for the JVM, of which {@link #choice} has the first. */
  String flags() {
    return engine || hadoop.isPresent() ? " $A -XX:+VerifySharedSpaces" : "";
  }
}
