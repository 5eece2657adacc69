/**
 * Texts and shapes that the page of a report is made of. They know nothing of compression.
 *
 * <p>Must not live here: figures of a report, which the page itself chooses.
 *
 * <p>To add a shape: a class that computes places from numbers.
 */
package dev.tenon.compression.page;
