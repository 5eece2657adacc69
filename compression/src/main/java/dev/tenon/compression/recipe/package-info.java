/**
 * Recipes: compressions by name, and from JSON files that put steps together. {@link dev.tenon.compression.recipe.Recipes} is
 * the table of all steps that a recipe may have.
 *
 * <p>Must not live here: techniques, and the reading of command lines.
 *
 * <p>To add a step: one line in the table, which makes the step from its options.
 */
package dev.tenon.compression.recipe;
