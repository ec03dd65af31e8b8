/**
 * The recipe: bash executes it, and each of its commands becomes a request.
 */
package org.example.piimages.build.recipe;
