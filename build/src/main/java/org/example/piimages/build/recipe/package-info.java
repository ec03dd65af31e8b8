/**
 * Recipes: bash executes a recipe and sends a request for each of its commands.
 */
package org.example.piimages.build.recipe;
