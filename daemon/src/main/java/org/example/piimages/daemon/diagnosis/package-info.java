/**
 * What will not work on this host or in an image, and how to fix it. {@code Diagnosis} collects the facts; the code that evaluates them is
 * pure.
 */
package org.example.piimages.daemon.diagnosis;
