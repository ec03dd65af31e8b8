/**
 * The steps in which a recipe changes its image, and the decision which of them are skipped because their result is in the cache.
 */
package org.example.piimages.build.step;
