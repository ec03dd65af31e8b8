/**
 * Long-running operations: progress, cancellation, completion, and limits per user. Independent of what an operation does.
 *
 * <p>Architecture invariant: depends only on the JDK.
 */
package org.example.piimages.daemon.job;
