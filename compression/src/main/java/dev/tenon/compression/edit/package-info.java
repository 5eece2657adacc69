/**
 * Parts of changes to graphs that steps of several packages share. The package is not exported.
 *
 * <p>Must not live here: techniques, and whatever a caller of the library names.
 *
 * <p>To add a part: a class that works on a {@link dev.tenon.graph.GraphEditor} and knows no step.
 */
package dev.tenon.compression.edit;
