/**
 * Long work: its progress, its cancellation, its end, and how much of it one user may have. It knows nothing of what the work does.
 *
 * <p>Architecture invariant: the JDK alone.
 */
package org.example.piimages.daemon.job;
