/**
 * Millrace on YARN. The client's side stages and starts an application, finds it again and speaks
 * with it (YarnDeployer), and settles what applications left that were killed (DeadApplications);
 * the ApplicationMaster's side asks YARN for the containers that the JobManager wants. A mode of
 * running (per job, session; later application) is the choice of a ResourceManager, an entry point
 * and a lifetime; per job and session exist here, and differ in what was staged.
 */
package io.millrace.yarn;
