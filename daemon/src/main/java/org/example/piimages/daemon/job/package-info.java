/**
 * Long-running operations: progress, cancellation, completion, and limits per user. Does not depend on what an operation does; uses only
 * the JDK.
 */
package org.example.piimages.daemon.job;
