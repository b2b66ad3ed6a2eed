package io.millrace.it;

import io.millrace.it.hadoop.ClusterOptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests one cluster that all their classes in this JVM use, because each start takes seconds:
 * with YARN's own number of attempts, and with the check of physical memory on, so that every job
 * of these tests must stay within its containers. It ends with the JVM, as its daemons' standard
 * input does.
 */
final class SharedCluster implements ParameterResolver {
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Cluster.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return Only.CLUSTER;
  }

  /** Not in JUnit's store: where classes are dealt out to several JVMs, that ends with each. */
  private static final class Only {
    static final Cluster CLUSTER = start();
  }

  private static Cluster start() {
    try {
      return Cluster.start(HadoopVersion.BUILT_WITH, ClusterOptions::withMemoryCheck);
    } catch (Exception e) {
      throw new IllegalStateException("the cluster did not start: " + e, e);
    }
  }
}
