/**
 * What a recipe does to its image, step by step, and which steps need not be repeated.
 */
package org.example.piimages.build.step;
