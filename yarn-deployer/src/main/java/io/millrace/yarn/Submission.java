package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationSubmissionContext;
import org.apache.hadoop.yarn.api.records.LogAggregationContext;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.exceptions.ApplicationNotFoundException;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks YARN to start what has been staged.
 *
 * @param configuration of the cluster
 */
record Submission(YarnClient yarn, Configuration configuration) {
  private static final Logger LOG = LoggerFactory.getLogger(Submission.class);

  /**
   * Whether an application starts whose submission has failed is not known: its answer may be what
   * was lost. It is killed before what it needs is deleted.
   */
  void start(YarnDeployer.Prepared prepared, StagedCluster staged, String directory, byte[] key)
      throws YarnException, IOException, DeployRefusedException {
    try {
      submit(prepared, staged, directory, key);
    } catch (YarnException | IOException | RuntimeException e) {
      throw abandoned(prepared.id(), e);
    }
  }

  /** Best effort: the ResourceManager may not answer. */
  private DeployRefusedException abandoned(ApplicationId id, Exception failure) {
    try {
      if (!YarnApplication.lives(yarn.getApplicationReport(id))) {
        return new DeployRefusedException("YARN refuses the application", failure);
      }
      yarn.killApplication(id);
      return new DeployRefusedException(
          "the submission of " + id + " has failed, and it was killed lest it start", failure);
    } catch (ApplicationNotFoundException e) {
      return new DeployRefusedException("YARN refuses the application", failure);
    } catch (YarnException | IOException | RuntimeException e) {
      LOG.info("{} could not be killed", id, e);
      return new DeployRefusedException(
          "the submission of "
              + id
              + " has failed, and it could not be killed; should it start, end it with yarn"
              + " application -kill "
              + id,
          failure);
    }
  }

  private void submit(
      YarnDeployer.Prepared prepared, StagedCluster staged, String directory, byte[] key)
      throws YarnException, IOException {
    ApplicationSubmissionContext context = prepared.application().getApplicationSubmissionContext();
    ContainerSizes sizes = prepared.sizes();
    context.setApplicationName(configuration.get(YarnSettings.NAME));
    context.setApplicationType(configuration.get(YarnSettings.TYPE));
    configuration.find(YarnSettings.QUEUE).ifPresent(context::setQueue);
    configuration.find(YarnSettings.NODE_LABEL).ifPresent(context::setNodeLabelExpression);
    int priority = configuration.get(YarnSettings.PRIORITY);
    if (priority >= 0) {
      context.setPriority(Priority.newInstance(priority));
    }
    Set<String> tags =
        Stream.of(configuration.get(YarnSettings.TAGS).split(","))
            .map(String::strip)
            .filter(tag -> !tag.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new));
    if (!tags.isEmpty()) {
      context.setApplicationTags(tags);
    }
    // Without a number YARN takes its own maximum.
    configuration.find(YarnSettings.ATTEMPTS).ifPresent(context::setMaxAppAttempts);
    context.setAttemptFailuresValidityInterval(
        configuration.get(YarnSettings.ATTEMPTS_VALIDITY).toMillis());
    context.setLogAggregationContext(
        LogAggregationContext.newInstance(null, null, ContainerLaunch.ROLLED_LOGS, null));
    context.setKeepContainersAcrossApplicationAttempts(true);
    context.setResource(Resource.newInstance(sizes.jobManager().total(), sizes.jobManagerCores()));
    context.setAMContainerSpec(ContainerLaunch.ofJobManager(staged, sizes, directory, key));
    yarn.submitApplication(context);
  }
}
