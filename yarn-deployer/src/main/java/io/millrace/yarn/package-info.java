/**
 * Millrace on YARN. The client's side stages and starts an application, finds it again and speaks
 * with it (YarnDeployer), and settles what applications left that were killed (DeadApplications);
 * the ApplicationMaster's side asks YARN for the containers that the JobManager wants. A mode of
 * running (per job; later session and application) is the choice of a ResourceManager, an entry
 * point and a lifetime; only per job exists here.
 */
package io.millrace.yarn;
