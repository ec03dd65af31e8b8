/**
 * What on this host, or in an image, will not work, and what mends it. The facts are collected by {@code Diagnosis}; what follows from them
 * is pure.
 */
package org.example.piimages.daemon.diagnosis;
